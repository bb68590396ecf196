import { readFile, readdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { digestOfFile } from "../base/digester.ts";
import { digestOf, hexOf } from "../base/digest.ts";
import { asFailure, Failure } from "../base/failure.ts";
import { throwIfAborted } from "../base/event.ts";
import { nullIfMissing } from "../base/system-error.ts";
import { peelClearSigned } from "../debian/clear-signed.ts";
import { type Release, parseRelease } from "../debian/release.ts";
import { keyFile } from "./change.ts";
import { readSuite, type SuiteContent } from "./content.ts";
import { type SignatureCheck, checkSignatures, readSigned } from "./signature-check.ts";
import type { LocalRepository } from "./settings.ts";

/** Something that is wrong with a repository. */
export interface Problem {
  readonly suite: string;
  /** From the repository's directory. */
  readonly path: string;
  readonly problem: string;
}

/** What a repository was found to be. */
export interface Verified {
  readonly suites: number;
  readonly packages: number;
  readonly problems: readonly Problem[];
}

/**
 * Reads all that is published and compares it with what it is said to be: both signatures with the key, the indices in all their
 * forms with the Release file, and every file of the pool with the indices. Changes nothing.
 */
export async function verifyRepository(
  repository: LocalRepository,
  check: SignatureCheck,
  arrived: (done: number, total: number) => void,
): Promise<Verified> {
  const problems: Problem[] = [];
  let packages = 0;
  for (const suite of repository.settings.suites) {
    const tell = (path: string, problem: string) => problems.push({ suite, path, problem });
    const content = await verifySuite(repository, suite, check, tell);
    if (content === null) continue;
    packages += content.binaries.length + content.sources.length;
    await verifyPool(repository, content, { signal: check.signal, tell, arrived });
  }
  return { suites: repository.settings.suites.length, packages, problems };
}

type Tell = (path: string, problem: string) => void;

/** What is published of a suite, if it can be read at all. */
async function verifySuite(
  repository: LocalRepository,
  suite: string,
  check: SignatureCheck,
  tell: Tell,
): Promise<SuiteContent | null> {
  const place = `dists/${suite}`;
  // One state from beginning to end, whatever is published meanwhile.
  const directory = await realpath(join(repository.directory, place)).catch(nullIfMissing);
  if (directory === null) {
    tell(place, "is missing");
    return null;
  }
  const { release, inRelease, detached } = await readSigned(directory);
  for (const [name, text] of Object.entries({
    Release: release,
    InRelease: inRelease,
    "Release.gpg": detached,
  }))
    if (text === null) tell(`${place}/${name}`, "is missing");
  if (release === null || inRelease === null) return null;
  for (const { name, problem } of await checkSignatures({ release, inRelease, detached }, check))
    tell(`${place}/${name}`, problem);
  try {
    if (peelClearSigned(inRelease).content !== release) tell(`${place}/InRelease`, "differs from Release");
    await verifyIndices(directory, place, parseRelease(release, `${place}/Release`), tell);
    return (await readSuite(repository, suite))?.content ?? null;
  } catch (thrown) {
    throwIfAborted(check.signal);
    tell(place, asFailure(thrown).message);
    return null;
  }
}

async function verifyIndices(directory: string, place: string, release: Release, tell: Tell): Promise<void> {
  const now = Date.now();
  if (release.validUntil !== null && release.validUntil.getTime() < now)
    tell(`${place}/Release`, `was valid until ${release.validUntil.toISOString()} only`);
  for (const [path, { size, digest }] of release.sha256) {
    const byHash = join(dirname(path), "by-hash", "SHA256", hexOf(digest));
    for (const each of [path, byHash]) {
      const bytes = await readFile(join(directory, each)).catch(nullIfMissing);
      if (bytes === null) {
        if (!(await isElsewhere(directory, path))) tell(`${place}/${each}`, "is missing");
      } else if (bytes.length < size) {
        tell(`${place}/${each}`, `is cut short: ${bytes.length} of ${size} bytes`);
      } else if (digestOf(bytes) !== digest) tell(`${place}/${each}`, "is not what Release says");
    }
  }
}

/** An index need not be there in each form that the Release file tells of, but in one. */
async function isElsewhere(directory: string, path: string): Promise<boolean> {
  const names = (await readdir(dirname(join(directory, path))).catch(nullIfMissing)) ?? [];
  return /\/Contents-[^/.]+$/.test(path) && names.includes(`${basename(path)}.gz`);
}

async function verifyPool(
  repository: LocalRepository,
  { binaries, sources }: SuiteContent,
  {
    signal,
    tell,
    arrived,
  }: { signal: AbortSignal; tell: Tell; arrived: (done: number, total: number) => void },
): Promise<void> {
  const files = [
    ...binaries.map(({ path, sizeBytes, sha256 }) => ({ path, size: sizeBytes, sha256: hexOf(sha256) })),
    ...sources.flatMap(({ directory, files: listed }) =>
      listed.map(({ name, size, sha256 }) => ({ path: join(directory, name), size, sha256 })),
    ),
  ];
  for (const [at, { path, size, sha256 }] of files.entries()) {
    throwIfAborted(signal);
    const file = join(repository.directory, path);
    const stats = await stat(file).catch(nullIfMissing);
    if (stats === null) tell(path, "is missing");
    else if (stats.size !== size) tell(path, `has ${stats.size} bytes instead of ${size}`);
    else if (hexOf(await digestOfFile(file, signal)) !== sha256)
      tell(path, "has another SHA256 than the index says");
    arrived(at + 1, files.length);
  }
}

/** The key that a repository says it is signed with. @throws Failure signing-key-missing (usage). */
export async function publicKeyOf({ directory }: Pick<LocalRepository, "directory">): Promise<string> {
  const text = await readFile(join(directory, keyFile), "utf8").catch(nullIfMissing);
  if (text !== null) return text;
  throw new Failure("usage", "signing-key-missing", `${directory} has no ${keyFile}`, {
    hint: "`debkiln repo sign` signs it anew and puts the key there.",
  });
}
