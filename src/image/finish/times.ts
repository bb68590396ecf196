import { isWithin } from "../tree/path.ts";
import type { Tree, TreeEntry } from "../tree/tree.ts";
import type { Changes } from "./changes.ts";
import type { Facts, FinishOptions } from "./options.ts";

/**
 * Makes times depend on the packages alone. What a package ships keeps the time that it has in the .deb; what a script
 * made anew in its place has the package's. All else has the epoch, whenever and in how many steps it was made: directories
 * too, since theirs tell when something was last put into them, and /var, where scripts make what packages list.
 */
export function settleTimes(changes: Changes, { epoch }: FinishOptions, { owners }: Facts): void {
  const builtAt = packageTimes(changes.tree);
  const timeOf = ({ path, type, mtime }: TreeEntry): number => {
    const owner = type === "directory" || isWithin(path, "var") ? undefined : owners.get(path);
    if (owner === undefined) return epoch;
    const built = builtAt.get(`${owner.name}:${owner.architecture}`) ?? builtAt.get(owner.name) ?? epoch;
    return Math.min(mtime, built, epoch);
  };
  for (const entry of changes.tree.values()) {
    const file = entry.type === "link" ? (changes.get(entry.target) ?? entry) : entry;
    const mtime = timeOf(file);
    if (mtime !== entry.mtime) changes.replace({ ...entry, mtime });
  }
}

/**
 * When packages were built, by name and by name with architecture: dpkg keeps their checksums and scripts with the time
 * that they have in the .deb, all but the list of files, which it makes itself.
 */
function packageTimes(tree: Tree): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  for (const { path, type, mtime } of tree.values()) {
    const name =
      type === "file" ? /^var\/lib\/dpkg\/info\/([^/]+)\.(?!list$)[a-z0-9]+$/.exec(path)?.[1] : undefined;
    if (name !== undefined) times.set(name, Math.max(times.get(name) ?? 0, mtime));
  }
  return times;
}
