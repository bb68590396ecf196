import { join } from "node:path";
import { makeDirectory } from "../base/make-directory.ts";
import { diskFailure } from "../store/disk.ts";
import { type Turn, whileLocked } from "../store/kernel-lock.ts";
import { stateDirectory } from "./settings.ts";

/**
 * Does a piece of work on a repository while no other process does any of that name: each waits for its turn.
 * @throws Failure flock-missing, not-writable (infrastructure), and what the work raises.
 */
export async function exclusively<T>(
  directory: string,
  name: "change" | "chain",
  turn: Turn,
  work: () => Promise<T>,
): Promise<T> {
  const locks = join(directory, stateDirectory, "locks");
  await makeDirectory(locks).catch((thrown: unknown) => {
    throw diskFailure(thrown, directory);
  });
  return await whileLocked(join(locks, name), turn, work);
}
