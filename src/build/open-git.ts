import { rename, rm, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { hexOf, keyOf } from "../base/digest.ts";
import type { Task } from "../base/event.ts";
import { makeDirectory } from "../base/make-directory.ts";
import { errorCode } from "../base/system-error.ts";
import { withoutSecrets } from "../base/without-secrets.ts";
import type { Kiln } from "../environment/kiln.ts";
import type { OpenedSource } from "./source.ts";
import { origTarballState } from "./source/beside-clone.ts";
import type { GitAddress } from "./source/git-address.ts";
import { checkOut, remoteState } from "./source/git-checkout.ts";
import { openTree } from "./source/tree.ts";

/**
 * Brings a commit's tree here, and opens it. What the repository had then is kept: while it lists the same, and a
 * clone here has the same original tarballs beside it, nothing is fetched again. @throws Failure what `remoteState`, `checkOut` and `openTree` raise.
 */
export async function openGit(
  { store, signal }: Pick<Kiln, "store" | "signal">,
  address: GitAddress,
  task: Task,
): Promise<OpenedSource> {
  const run = { signal };
  const shown = withoutSecrets(address.url);
  return await task.step("source", `Fetch ${shown}`, async (step) => {
    const state = await remoteState(address, run);
    const beside = await origTarballState(address.url);
    const directory = join(store.directory, "sources", hexOf(keyOf({ git: address.url, ...state, beside })));
    const now = new Date();
    const isThere = await utimes(directory, now, now).then(
      () => true,
      () => false,
    );
    if (!isThere) {
      const staging = await store.temporaryDirectory();
      try {
        await checkOut(address, state, staging, { run, task: step });
        await makeDirectory(dirname(directory));
        await rename(staging, directory).catch((thrown: unknown) => {
          // Another debkiln was first: it has the same.
          if (!["ENOTEMPTY", "EEXIST"].includes(errorCode(thrown) ?? "")) throw thrown;
        });
      } finally {
        await rm(staging, { recursive: true, force: true });
      }
    }
    step.summary = `commit ${state.commit.slice(0, 12)}`;
    const source = await openTree(join(directory, "tree"));
    return { ...source, origin: `${shown}#${state.commit}` };
  });
}
