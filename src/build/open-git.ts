import { rename, rm, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { hexOf, keyOf } from "../base/digest.ts";
import { makeDirectory } from "../base/make-directory.ts";
import { errorCode } from "../base/system-error.ts";
import { withoutSecrets } from "../base/without-secrets.ts";
import type { Kiln } from "../environment/kiln.ts";
import { completeTree } from "./complete-tree.ts";
import type { OpenedSource } from "./source.ts";
import { copyOrigTarballs, origTarballState } from "./source/beside-clone.ts";
import type { GitAddress } from "./source/git-address.ts";
import { checkOut, remoteState } from "./source/git-checkout.ts";
import type { SourceOpening } from "./source/opening.ts";
import type { KnownRepository } from "./source/originals.ts";
import { type Repository, bringRepository } from "./source/repository.ts";
import { openTree } from "./source/tree.ts";

/**
 * Brings a commit's tree here, and opens it with its original tarballs. What the repository had then is kept: while it lists
 * the same, and a clone here has the same original tarballs beside it, nothing is fetched again.
 * @throws Failure what `remoteState`, `checkOut`, `openTree` and `completeTree` raise.
 */
export async function openGit(
  kiln: Kiln,
  address: GitAddress,
  opening: SourceOpening,
): Promise<OpenedSource> {
  const { store, signal } = kiln;
  const run = { signal };
  const shown = withoutSecrets(address.url);
  const temporary = await store.temporaryDirectory();
  try {
    return await opening.task.step("source", `Fetch ${shown}`, async (task) => {
      const state = await remoteState(address, run);
      let opened: Promise<Repository> | null = null;
      const bare = join(temporary, "repository.git");
      const open = () => (opened ??= bringRepository(address.url, state.listing, bare, run));
      const repository = { ...state, open };
      const directory = await keptTree(kiln, address, repository, { ...opening, task });
      task.summary = `commit ${state.commit.slice(0, 12)}`;
      const source = await openTree(join(directory, "tree"));
      const complete = await completeTree(kiln, source, repository, { ...opening, task });
      return { ...complete, origin: `${shown}#${state.commit}` };
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** The directory with the commit's tree, and with the original tarballs that lie beside a clone here. */
async function keptTree(
  { store, signal }: Kiln,
  address: GitAddress,
  { open, ...state }: KnownRepository,
  { task }: SourceOpening,
): Promise<string> {
  const beside = await origTarballState(address.url);
  const directory = join(store.directory, "sources", hexOf(keyOf({ git: address.url, ...state, beside })));
  const now = new Date();
  const isThere = await utimes(directory, now, now).then(
    () => true,
    () => false,
  );
  if (isThere) return directory;
  const staging = await store.temporaryDirectory();
  try {
    const tree = await checkOut(await open(), address, state, staging, { run: { signal }, task });
    await copyOrigTarballs(address.url, (await openTree(tree)).package, staging);
    await makeDirectory(dirname(directory));
    await rename(staging, directory).catch((thrown: unknown) => {
      // Another debkiln was first: it has the same.
      if (!["ENOTEMPTY", "EEXIST"].includes(errorCode(thrown) ?? "")) throw thrown;
    });
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return directory;
}
