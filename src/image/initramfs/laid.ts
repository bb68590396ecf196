import type { PlannedEntry } from "../plan.ts";
import { directoryEntry, fileEntry, symlinkEntry } from "../tree/new-entry.ts";
import { resolveParents } from "../tree/path.ts";
import type { Tree, TreeEntry } from "../tree/tree.ts";

/**
 * The tree with the definition's entries in it, as far as dracut sees them in its container: where they are and what is in
 * them, whoever they belong to. An initramfs that was made before is only as good as what it was made with.
 */
export function withLaid(tree: Tree, entries: readonly PlannedEntry[]): Tree {
  const laid = new Map(tree);
  for (const entry of entries) {
    const path = resolveParents(laid, entry.path.replace(/^\/+/, ""));
    laid.set(path, laidEntry(path, entry));
  }
  return laid;
}

function laidEntry(path: string, entry: PlannedEntry): TreeEntry {
  const attributes = { mode: entry.mode, mtime: 0 };
  if (entry.type === "directory") return directoryEntry(path, attributes);
  if (entry.type === "symlink") return symlinkEntry(path, entry.target, attributes);
  const { content, sizeBytes, digest } = entry;
  return { ...fileEntry(path, "", attributes), content, sizeBytes, digest };
}
