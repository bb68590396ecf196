import { makeDirectory } from "../base/make-directory.ts";
import { type Layout, createLayout } from "../oci/layout.ts";
import { diskFailure } from "./disk.ts";
import { type Turn, whileLocked } from "./kernel-lock.ts";

/**
 * Does a piece of work on a layout, made where there is none, while no other debkiln writes to it: what one relies on another
 * could remove, and an index that two write is only that of the later. The directory itself is locked, so that nothing is in a
 * layout but what belongs there.
 * @throws Failure bad-layout (usage), disk-full, not-writable, flock-missing (infrastructure), and what the work raises.
 */
export async function writeLayout<T>(
  directory: string,
  turn: Turn,
  work: (layout: Layout) => Promise<T>,
): Promise<T> {
  try {
    await makeDirectory(directory);
    return await whileLocked(directory, turn, async () => await work(await createLayout(directory)));
  } catch (thrown) {
    throw diskFailure(thrown, directory);
  }
}
