import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { hexOf, keyOf } from "../../base/digest.ts";
import { makeDirectory } from "../../base/make-directory.ts";
import { errorCode } from "../../base/system-error.ts";
import type { Repository } from "../../debian/repository.ts";
import type { Kiln } from "../../environment/kiln.ts";
import { addPackages } from "../../repository/add.ts";
import { asRepository } from "../../repository/as-repository.ts";
import { readSuite } from "../../repository/content.ts";
import { initRepository } from "../../repository/init.ts";
import { type LocalRepository, readSettings } from "../../repository/settings.ts";
import type { LocalFile } from "../plan.ts";

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
  kiln: Kiln,
  debs: readonly LocalFile[],
  architecture: string,
): Promise<LocalPackages> {
  const directory = join(
    kiln.store.directory,
    "repositories",
    hexOf(keyOf(debs.map(({ digest }) => digest).toSorted())),
  );
  const settings = await readSettings(directory);
  const repository: LocalRepository =
    settings === null ? await makeRepository(kiln, debs, architecture, directory) : { directory, settings };
  const { binaries } = (await readSuite(repository, suite))?.content ?? { binaries: [] };
  return {
    repository: await asRepository(directory),
    depends: binaries.map((each) => `${each.package.name} (= ${each.package.version})`),
  };
}

/** Under another name until it is whole. */
async function makeRepository(
  kiln: Kiln,
  debs: readonly LocalFile[],
  architecture: string,
  directory: string,
): Promise<LocalRepository> {
  const { store, signal } = kiln;
  const temporary = await store.temporaryDirectory();
  try {
    const tools = { directory: join(store.directory, "keys"), signal };
    const words = { suites: [suite], components: ["main"], key: { kind: "own" } } as const;
    const made = await initRepository(temporary, words, architecture, tools);
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
