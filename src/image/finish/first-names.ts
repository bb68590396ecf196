import { compareBytes } from "../../oci/raw-text.ts";
import { linkTo } from "../tree/entry.ts";
import type { Changes } from "./changes.ts";

/**
 * Makes the first by order of a file's names the one that has the bytes: which one had them when the root filesystem was
 * read depends on the order in which a directory happened to be read, and who unpacks in order needs the bytes first.
 */
export function settleFirstNames(changes: Changes): void {
  const names = new Map<string, string[]>();
  for (const entry of changes.tree.values()) {
    if (entry.type !== "link") continue;
    const known = names.get(entry.target);
    if (known === undefined) names.set(entry.target, [entry.path]);
    else known.push(entry.path);
  }
  for (const [path, links] of names) {
    const [first = path] = [path, ...links].toSorted(compareBytes);
    if (first === path) continue;
    changes.move(path, first);
    const file = changes.get(first);
    if (file?.type === "file") changes.put(linkTo(file, path));
  }
}
