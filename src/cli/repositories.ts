import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Failure } from "../base/failure.ts";
import type { SigningKey } from "../openpgp/signing-key.ts";
import { type Added, addPackages } from "../repository/add.ts";
import type { RepositoryTools } from "../repository/change.ts";
import { readSuite } from "../repository/content.ts";
import { initRepository } from "../repository/init.ts";
import { removePackages } from "../repository/remove.ts";
import {
  type LocalRepository,
  chooseComponent,
  chooseSuite,
  openRepository,
} from "../repository/settings.ts";
import { signRepository } from "../repository/sign.ts";
import { publicKeyOf, verifyRepository } from "../repository/verify.ts";
import { formatSources } from "../debian/repository.ts";
import { asRepository } from "../repository/as-repository.ts";
import { addedText, contentText, entryRecords, problemsText, removedText } from "./render/repository.ts";
import type { Session } from "./session.ts";
import { hostArchitecture } from "./target.ts";

/** What flags say of a repository. */
export interface RepositoryFlags {
  readonly suite?: readonly string[] | undefined;
  readonly component?: readonly string[] | undefined;
  readonly arch?: readonly string[] | undefined;
  readonly origin?: string | undefined;
  readonly label?: string | undefined;
  readonly key?: string | undefined;
  readonly "valid-days"?: number | undefined;
}

/** Makes a repository, or adds to what one is; shows how apt is told of it. */
export async function initialise(session: Session, directory: string, flags: RepositoryFlags): Promise<void> {
  const repository = await initRepository(
    resolve(directory),
    {
      suites: flags.suite,
      components: flags.component,
      architectures: flags.arch,
      origin: flags.origin,
      label: flags.label,
      key: signingKey(flags.key),
      validDays: flags["valid-days"],
    },
    hostArchitecture(),
    toolsOf(session),
  );
  const { settings } = repository;
  const sources = formatSources([await asRepository(repository.directory)]);
  session.result(
    `${directory}: suites ${settings.suites.join(", ")}; components ${settings.components.join(", ")}\n\n${sources}`,
    { directory: repository.directory, ...settings, sources },
  );
}

/** Adds packages, and shows what that came to. */
export async function add(
  session: Session,
  directory: string,
  files: readonly string[],
  flags: {
    readonly suite?: string | undefined;
    readonly component?: string | undefined;
    readonly replace: boolean;
  },
): Promise<void> {
  const repository = await openRepository(resolve(directory));
  const suite = chooseSuite(repository, flags.suite);
  const component = chooseComponent(repository, flags.component);
  const added: Added = await session.task.step("add", `Add to ${suite}`, (step) =>
    addPackages(
      repository,
      {
        files: files.map((file) => resolve(file)),
        suite,
        component,
        displaces: flags.replace ? "same-package" : "none",
      },
      { ...toolsOf(session), waiting: () => step.note("waiting for another change of the repository") },
    ),
  );
  session.result(addedText(added, suite), { suite, component, ...added });
}

/** Removes packages, and shows which. */
export async function remove(
  session: Session,
  directory: string,
  words: readonly string[],
  flags: { readonly suite?: string | undefined; readonly old: boolean },
): Promise<void> {
  const repository = await openRepository(resolve(directory));
  const suite = chooseSuite(repository, flags.suite);
  const removed = await removePackages(repository, { suite, words, old: flags.old }, toolsOf(session));
  session.result(removedText(removed, suite), { suite, removed });
}

/** Shows what a suite has. */
export async function list(
  session: Session,
  directory: string,
  flags: { readonly suite?: string | undefined },
): Promise<void> {
  const repository = await openRepository(resolve(directory));
  const suite = chooseSuite(repository, flags.suite);
  const content = (await readSuite(repository, suite))?.content ?? { binaries: [], sources: [] };
  const entries = entryRecords(content);
  session.result(contentText(entries, suite), entries);
}

/** Says all that is wrong with a repository. @throws Failure repository-invalid (infrastructure) when anything is. */
export async function verify(
  session: Session,
  directory: string,
  flags: { readonly "key-file"?: string | undefined },
): Promise<void> {
  const repository = await openRepository(resolve(directory));
  const file = flags["key-file"];
  const publicKey = file === undefined ? await publicKeyOf(repository) : await keyIn(file);
  const tools = toolsOf(session);
  const verified = await session.task.step("verify", `Verify ${directory}`, (step) =>
    verifyRepository(repository, { ...tools, publicKey }, (done, total) =>
      step.progress(done, total, "items"),
    ),
  );
  session.result(problemsText(verified), verified);
  const count = verified.problems.length;
  if (count === 0) return;
  throw new Failure("infrastructure", "repository-invalid", `${count} things are wrong with ${directory}`, {
    hint: "Add what is damaged or missing again with --replace, or sign it again with `debkiln repo sign`.",
    details: { problems: verified.problems },
  });
}

/** Publishes all suites anew. */
export async function sign(
  session: Session,
  directory: string,
  flags: { readonly key?: string | undefined },
): Promise<void> {
  const repository = await openRepository(resolve(directory));
  await signRepository(repository, signingKey(flags.key) ?? null, toolsOf(session));
  const { suites, key } = (await openRepository(repository.directory)).settings;
  session.result(`Signed ${suites.join(", ")} with ${nameOf(key)}; the public key is in key.asc\n`, {
    suites,
    key,
  });
}

/** What changing repositories needs of a session. */
export function toolsOf({
  environment,
  signal,
  task,
}: Pick<Session, "environment" | "signal" | "task">): RepositoryTools {
  return {
    directory: join(
      environment["XDG_DATA_HOME"] || join(environment["HOME"] ?? "/", ".local", "share"),
      "debkiln",
    ),
    signal,
    waiting: () => task.note("waiting for another change of the repository"),
  };
}

async function keyIn(file: string): Promise<string> {
  return await readFile(resolve(file), "utf8").catch((cause: unknown) => {
    throw new Failure("usage", "key-missing", `Cannot read the key ${file}`, {
      hint: "Give the path of an armored OpenPGP public key.",
      cause,
    });
  });
}

/** @throws Failure bad-command-line (usage). */
function signingKey(word: string | undefined): SigningKey | undefined {
  if (word === undefined) return undefined;
  if (word === "own") return { kind: "own" };
  const [, kind, id] = /^(gpg|sq):(.+)$/.exec(word) ?? [];
  if ((kind === "gpg" || kind === "sq") && id !== undefined && !id.startsWith("-")) return { kind, id };
  throw new Failure("usage", "bad-command-line", `--key takes own, gpg:ID or sq:FINGERPRINT, not "${word}"`, {
    hint: "`gpg --list-secret-keys` and `sq key list` show your keys.",
  });
}

function nameOf(key: LocalRepository["settings"]["key"]): string {
  return key.kind === "own" ? "debkiln's own key" : `${key.kind}'s key ${key.id}`;
}
