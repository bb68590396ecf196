import { isWithin } from "../tree/path.ts";
import type { TreeEntry } from "../tree/tree.ts";
import type { Changes } from "./changes.ts";
import type { Facts, FinishOptions } from "./options.ts";

/**
 * Makes times depend on the packages alone. What a package ships keeps the time that it has in the .deb, if that is not
 * past the epoch; all else has the epoch, whenever and in how many steps it was made. Directories have the epoch, since
 * theirs tell when something was last put into them, and so has /var, where maintainer scripts make what is in lists.
 */
export function settleTimes(changes: Changes, { epoch }: FinishOptions, { owners }: Facts): void {
  const isShipped = ({ path, type, mtime }: TreeEntry) =>
    type !== "directory" && owners.has(path) && mtime <= epoch && !isWithin(path, "var");
  for (const entry of changes.tree.values()) {
    const file = entry.type === "link" ? (changes.get(entry.target) ?? entry) : entry;
    const mtime = isShipped(file) ? file.mtime : epoch;
    if (mtime !== entry.mtime) changes.replace({ ...entry, mtime });
  }
}
