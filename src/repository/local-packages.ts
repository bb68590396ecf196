import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Digest, hexOf, keyOf } from "../base/digest.ts";
import { makeDirectory } from "../base/make-directory.ts";
import { errorCode } from "../base/system-error.ts";
import type { Repository } from "../debian/repository.ts";
import type { Store } from "../store/store.ts";
import { addPackages } from "./add.ts";
import { asRepository } from "./as-repository.ts";
import { readSuite } from "./content.ts";
import { initRepository } from "./init.ts";
import { type LocalRepository, readSettings } from "./settings.ts";

/** A .deb of this machine, by its path and content. */
export interface LocalDeb {
  readonly path: string;
  readonly digest: Digest;
}

/** Where such repositories are kept, and their keys. */
export interface Shelf {
  readonly store: Store;
  readonly signal: AbortSignal;
}

/** What the repository is for, and of which architectures packages may be in it beside those of all. */
export interface LocalPurpose {
  readonly architectures: readonly string[];
  /** By which pins know it, apt_preferences(5). */
  readonly label?: string;
}

/** Packages of this machine as apt takes them. */
export interface LocalPackages {
  readonly repository: Repository;
  /** Each in the version that it has, in the syntax of Depends. */
  readonly depends: readonly string[];
}

const suite = "local";

/**
 * A repository of .debs, made once for the same files, since it is part of what a resolution is known by.
 * @throws Failure what `addPackages` raises for files that are no packages.
 */
export async function localPackages(
  shelf: Shelf,
  debs: readonly LocalDeb[],
  purpose: LocalPurpose,
): Promise<LocalPackages> {
  const digests = debs.map(({ digest }) => digest).toSorted();
  const key = purpose.label === undefined ? keyOf(digests) : keyOf({ digests, ...purpose });
  const directory = join(shelf.store.directory, "repositories", hexOf(key));
  const settings = await readSettings(directory);
  const repository: LocalRepository =
    settings === null ? await makeRepository(shelf, debs, purpose, directory) : { directory, settings };
  const { binaries } = (await readSuite(repository, suite))?.content ?? { binaries: [] };
  return {
    repository: await asRepository(directory),
    depends: binaries.map((each) => `${each.package.name} (= ${each.package.version})`),
  };
}

/** Under another name until it is whole. */
async function makeRepository(
  shelf: Shelf,
  debs: readonly LocalDeb[],
  { architectures, label }: LocalPurpose,
  directory: string,
): Promise<LocalRepository> {
  const { store, signal } = shelf;
  const temporary = await store.temporaryDirectory();
  try {
    const tools = { directory: join(store.directory, "keys"), signal };
    const words = {
      suites: [suite],
      components: ["main"],
      key: { kind: "own" },
      architectures,
      label,
    } as const;
    const made = await initRepository(temporary, words, architectures[0] ?? "all", tools);
    const files = debs.map(({ path }) => path);
    await addPackages(made, { files, suite, component: "main", displaces: "none" }, tools);
    await makeDirectory(join(store.directory, "repositories"));
    await rename(temporary, directory).catch((thrown: unknown) => {
      // Another debkiln was first: it has the same packages.
      if (!["ENOTEMPTY", "EEXIST"].includes(errorCode(thrown) ?? "")) throw thrown;
    });
    return { ...made, directory };
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
