import { compareBytes } from "../../oci/raw-text.ts";
import { linkTo, parentOf } from "../tree/entry.ts";
import type { Tree, TreeEntry } from "../tree/tree.ts";
import type { Component } from "./component.ts";

/**
 * Of all directories, in every layer: what the last layer says of a directory counts, so that all must say the same, and
 * nothing that changes with what is in it.
 */
const directoryTime = 0;

/**
 * A layer's entries in the order of their paths' bytes: those of its components, and the directories above them. What is
 * newer than what packages brought into its component gets the time of the newest of that: making it again changes nothing.
 * The first name of a file by that order has its bytes.
 */
export function layerEntries(tree: Tree, components: readonly Component[]): readonly TreeEntry[] {
  const entries = new Map<string, TreeEntry>();
  for (const { paths, latest } of components) {
    for (const path of paths) {
      const entry = tree.get(path);
      if (entry === undefined) continue;
      addParents(entries, tree, path);
      entries.set(path, timed(entry, latest));
    }
  }
  const sorted = [...entries.values()].toSorted((a, b) => compareBytes(a.path, b.path));
  return withFirstNames(sorted);
}

function timed(entry: TreeEntry, latest: number): TreeEntry {
  const mtime = entry.type === "directory" ? directoryTime : Math.min(entry.mtime, latest);
  return mtime === entry.mtime ? entry : { ...entry, mtime };
}

function addParents(entries: Map<string, TreeEntry>, tree: Tree, path: string): void {
  for (let above = parentOf(path); !entries.has(above); above = parentOf(above)) {
    const directory = tree.get(above);
    if (directory !== undefined) entries.set(above, timed(directory, Infinity));
    if (above === ".") return;
  }
}

/** The same files, each with its bytes at the first of its names, since a tar's links lead back. */
function withFirstNames(sorted: readonly TreeEntry[]): readonly TreeEntry[] {
  const byPath = new Map(sorted.map((entry) => [entry.path, entry]));
  const firsts = new Map<string, TreeEntry & { type: "file" }>();
  return sorted.map((entry) => {
    if (entry.type !== "link" && entry.type !== "file") return entry;
    const named = entry.type === "link" ? entry.target : entry.path;
    const first = firsts.get(named);
    if (first !== undefined) return linkTo(first, entry.path);
    const file = entry.type === "link" ? byPath.get(entry.target) : entry;
    if (file?.type !== "file") return entry;
    const heir = { ...file, path: entry.path };
    firsts.set(named, heir);
    return heir;
  });
}
