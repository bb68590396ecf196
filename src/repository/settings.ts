import { randomBytes } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { Failure } from "../base/failure.ts";
import { nearest } from "../base/nearest.ts";
import { nullIfMissing } from "../base/system-error.ts";
import { SigningKey } from "../openpgp/signing-key.ts";

const word = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.+_~-]{0,99}$/);
const line = z.string().regex(/^[^\0-\x1f\x7f]{1,200}$/);

/** What a repository says of itself: `.debkiln/repository.json` in it. */
export const RepositorySettings = z
  .strictObject({
    schema: z.literal(1),
    origin: line,
    label: line,
    suites: z.array(word).min(1).readonly(),
    components: z.array(word).min(1).readonly(),
    /** Those that every suite has an index for, however empty; others come with their packages. */
    architectures: z.array(word).min(1).readonly(),
    key: SigningKey,
    /** After how many days a Release file is not to be trusted any more; null for never. */
    validDays: z.int().min(1).max(3650).nullable(),
  })
  .readonly();
export type RepositorySettings = z.infer<typeof RepositorySettings>;

/** A repository on disk that debkiln maintains. */
export interface LocalRepository {
  /** Absolute. */
  readonly directory: string;
  readonly settings: RepositorySettings;
}

/** Opens a repository. @throws Failure repository-missing, repository-damaged. */
export async function openRepository(directory: string): Promise<LocalRepository> {
  const settings = await readSettings(directory);
  if (settings !== null) return { directory, settings };
  throw new Failure("usage", "repository-missing", `${directory} is not a repository of debkiln's`, {
    hint: `Make one with \`debkiln repo init ${directory}\`.`,
  });
}

/** The settings of the repository in a directory, or null when there is none. @throws Failure repository-damaged. */
export async function readSettings(directory: string): Promise<RepositorySettings | null> {
  const path = join(directory, settingsFile);
  const text = await readFile(path, "utf8").catch(nullIfMissing);
  if (text === null) return null;
  try {
    return RepositorySettings.parse(JSON.parse(text));
  } catch (cause) {
    throw new Failure("infrastructure", "repository-damaged", `${path} cannot be read`, {
      hint: "Put it back from a copy, or remove it and run `debkiln repo init` again.",
      cause,
    });
  }
}

/** Writes the settings, replacing what was there in one step. */
export async function writeSettings({ directory, settings }: LocalRepository): Promise<void> {
  const path = join(directory, settingsFile);
  const written = `${path}.${randomBytes(8).toString("hex")}`;
  await mkdir(join(directory, stateDirectory), { recursive: true });
  await writeFile(written, `${JSON.stringify(RepositorySettings.parse(settings), null, 2)}\n`);
  await rename(written, path);
}

/** The suite that is meant: the first one unless another is named. @throws Failure no-such-suite (usage). */
export function chooseSuite({ settings: { suites } }: LocalRepository, name: string | undefined): string {
  return chosen(name, suites, { code: "no-such-suite", what: "suite" });
}

/** As `chooseSuite`, of components. @throws Failure no-such-component (usage). */
export function chooseComponent({ settings }: LocalRepository, name: string | undefined): string {
  return chosen(name, settings.components, { code: "no-such-component", what: "component" });
}

/** What of a repository is debkiln's own and not for its readers. */
export const stateDirectory = ".debkiln";
const settingsFile = join(stateDirectory, "repository.json");

function chosen(
  name: string | undefined,
  known: readonly string[],
  { code, what }: { readonly code: string; readonly what: string },
): string {
  const found = name === undefined ? known[0] : known.find((each) => each === name);
  if (found !== undefined) return found;
  const near = nearest(name ?? "", known);
  throw new Failure("usage", code, `The repository has no ${what} ${name}`, {
    hint:
      near === null
        ? `It has ${known.join(", ")}; \`debkiln repo init\` adds further ones.`
        : `Did you mean ${near}?`,
  });
}
