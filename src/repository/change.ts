import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { throwIfAborted } from "../base/event.ts";
import { Failure } from "../base/failure.ts";
import { type Keyring, openSigner } from "../openpgp/open-signer.ts";
import { diskFailure } from "../store/disk.ts";
import { type SuiteContent, readSuite } from "./content.ts";
import { forgetPaths, pathsOf } from "./deb-paths.ts";
import { exclusively } from "./exclusive.ts";
import { publishGeneration } from "./generation.ts";
import { indicesOf } from "./indices.ts";
import { prunePool } from "./pool.ts";
import { type LocalRepository, openRepository } from "./settings.ts";

/** What changing a repository needs. */
export interface RepositoryTools extends Keyring {
  /** Called once, when another process changes the repository just now. */
  readonly waiting?: () => void;
}

/** What becomes of a suite. */
export interface Changed<T> {
  /** Null leaves it as it is published. */
  readonly content: SuiteContent | null;
  /** Whether what nothing names any more leaves the pool. */
  readonly prune: boolean;
  readonly result: T;
}

/**
 * Changes what is in a suite: `work` gets all that is there and gives what shall be. It is the only change at that time, by
 * whatever process, and readers see it at once or not at all.
 * @throws Failure what a `Signer` and `readSuite` raise, not-writable, disk-full (infrastructure).
 */
export async function changeSuite<T>(
  repository: LocalRepository,
  suite: string,
  tools: RepositoryTools,
  work: (content: SuiteContent) => Promise<Changed<T>>,
): Promise<T> {
  const { directory } = repository;
  const { signal, waiting } = tools;
  const turn = { signal, ...(waiting === undefined ? {} : { waiting }) };
  try {
    return await exclusively(directory, "change", turn, async () => {
      const published = await readSuite(repository, suite);
      const { content, prune, result } = await work(published?.content ?? { binaries: [], sources: [] });
      if (content !== null) await publish(repository, suite, content, tools);
      if (prune) await pruneRepository(repository, signal);
      return result;
    });
  } catch (thrown) {
    throwIfAborted(signal);
    throw thrown instanceof Failure ? thrown : diskFailure(thrown, directory);
  }
}

/** Publishes what a suite is to hold. For whoever is the only one that changes the repository. */
async function publish(
  repository: LocalRepository,
  suite: string,
  content: SuiteContent,
  tools: RepositoryTools,
): Promise<void> {
  const { directory } = repository;
  const { settings } = await openRepository(directory);
  const signer = openSigner(settings.key, tools);
  const { signal } = tools;
  const date = new Date();
  const architectures = architecturesOf(content, settings.architectures);
  const { components } = settings;
  const paths = await pathsOf(repository, content.binaries, signal);
  await writeFile(join(directory, keyFile), await signer.publicKey());
  await publishGeneration(join(directory, "dists"), {
    suite: {
      origin: settings.origin,
      label: settings.label,
      suite,
      description: null,
      architectures,
      components,
      date,
      validUntil: settings.validDays === null ? null : new Date(date.getTime() + settings.validDays * dayMs),
    },
    indices: indicesOf(content, { components, architectures, paths }),
    signer,
    signal,
  });
}

const dayMs = 86_400_000;

/** Where the public key lies that a repository is signed with. */
export const keyFile = "key.asc";

function architecturesOf({ binaries }: SuiteContent, always: readonly string[]): readonly string[] {
  const all = binaries.map(({ package: { architecture } }) => architecture);
  return [...new Set([...always, ...all])].filter((each) => each !== "all").toSorted();
}

async function pruneRepository(repository: LocalRepository, signal: AbortSignal): Promise<void> {
  const named = new Set<string>();
  const digests = new Set<SuiteContent["binaries"][number]["sha256"]>();
  for (const suite of repository.settings.suites) {
    throwIfAborted(signal);
    const { binaries = [], sources = [] } = (await readSuite(repository, suite))?.content ?? {};
    for (const { path, sha256 } of binaries) {
      named.add(path);
      digests.add(sha256);
    }
    for (const { directory, files } of sources)
      for (const { name } of files) named.add(join(directory, name));
  }
  await prunePool(repository, named);
  await forgetPaths(repository, digests);
}
