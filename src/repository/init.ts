import { readdir } from "node:fs/promises";
import { resolve } from "node:path";
import { Failure } from "../base/failure.ts";
import { makeDirectory } from "../base/make-directory.ts";
import { nullIfMissing } from "../base/system-error.ts";
import type { SigningKey } from "../openpgp/signing-key.ts";
import { diskFailure } from "../store/disk.ts";
import { type RepositoryTools, changeSuite } from "./change.ts";
import { readSuite } from "./content.ts";
import {
  type LocalRepository,
  type RepositorySettings,
  readSettings,
  stateDirectory,
  writeSettings,
} from "./settings.ts";

/** What a new repository shall be; what is not said stays as it is, or is what most people want. */
export interface RepositoryWords {
  readonly suites?: readonly string[] | undefined;
  readonly components?: readonly string[] | undefined;
  readonly architectures?: readonly string[] | undefined;
  readonly origin?: string | undefined;
  readonly label?: string | undefined;
  readonly key?: SigningKey | undefined;
  readonly validDays?: number | undefined;
}

/**
 * Makes a directory a repository and publishes its suites, however empty. A repository that is there stays, gets what is added, and
 * is published anew only where something changed. @throws Failure repository-occupied (usage) when other things lie there.
 */
export async function initRepository(
  directory: string,
  words: RepositoryWords,
  hostArchitecture: string,
  tools: RepositoryTools,
): Promise<LocalRepository> {
  const place = resolve(directory);
  const before = await readSettings(place);
  if (before === null) await requireVacant(place);
  const settings = settingsOf(words, before ?? defaults(hostArchitecture));
  const repository = { directory: place, settings };
  const isNew = before === null || JSON.stringify(before) !== JSON.stringify(settings);
  if (isNew) {
    await makeDirectory(place).catch((thrown: unknown) => {
      throw diskFailure(thrown, place);
    });
    await writeSettings(repository);
  }
  for (const suite of settings.suites) {
    if (!isNew && (await readSuite(repository, suite)) !== null) continue;
    await changeSuite(repository, suite, tools, async (content) => ({
      content,
      prune: false,
      result: null,
    }));
  }
  return repository;
}

function defaults(architecture: string): RepositorySettings {
  return {
    schema: 1,
    origin: "debkiln",
    label: "debkiln",
    suites: [],
    components: [],
    architectures: [architecture],
    key: { kind: "own" },
    validDays: null,
  };
}

function settingsOf(words: RepositoryWords, before: RepositorySettings): RepositorySettings {
  return {
    ...before,
    suites: union(before.suites, words.suites, "local"),
    components: union(before.components, words.components, "main"),
    architectures: words.architectures ?? before.architectures,
    origin: words.origin ?? before.origin,
    label: words.label ?? words.origin ?? before.label,
    key: words.key ?? before.key,
    validDays: words.validDays ?? before.validDays,
  };
}

/** Never empty. */
function union(
  old: readonly string[],
  more: readonly string[] | undefined,
  otherwise: string,
): readonly string[] {
  const all = [...new Set([...old, ...(more ?? [])])];
  return all.length === 0 ? [otherwise] : all;
}

async function requireVacant(place: string): Promise<void> {
  const names = (await readdir(place).catch(nullIfMissing)) ?? [];
  const others = names.filter((name) => name !== stateDirectory);
  if (others.length === 0) return;
  throw new Failure(
    "usage",
    "repository-occupied",
    `${place} holds other things: ${others.slice(0, 3).join(", ")}`,
    {
      hint: "Name a directory that is new or empty.",
    },
  );
}
