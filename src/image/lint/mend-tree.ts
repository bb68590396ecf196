import { digestOf } from "../../base/digest.ts";
import { impliedDirectory, linkTo, parentOf } from "../tree/entry.ts";
import type { Tree, TreeEntry } from "../tree/tree.ts";
import type { Repair } from "./repair.ts";

/**
 * The tree as the repairs leave it, done in their order. What they make belongs to root, with mtime 0, and takes the place of
 * what was there; what is moved or taken away and is not there is passed over, and
 * so are labels, which no tree has.
 */
export function mendTree(tree: Tree, repairs: readonly Repair[]): Tree {
  return repairs.reduce(mended, tree);
}

function mended(tree: Tree, repair: Repair): Tree {
  switch (repair.do) {
    case "remove":
      return renamed(tree, (path) => (isWithin(path, repair.path) ? null : path));
    case "label":
      return tree;
    case "move":
      return withParents(
        renamed(tree, (path) =>
          isWithin(path, repair.path) ? repair.to + path.slice(repair.path.length) : path,
        ),
        repair.to,
      );
    default:
      return withParents(new Map(tree).set(repair.path, madeBy(repair)), repair.path);
  }
}

function madeBy(repair: Exclude<Repair, { readonly do: "remove" | "move" | "label" }>): TreeEntry {
  const common = { ...impliedDirectory(repair.path), mode: repair.do === "symlink" ? 0o777 : repair.mode };
  if (repair.do === "directory") return common;
  if (repair.do === "symlink") return { ...common, type: "symlink", target: repair.target };
  const bytes = Buffer.from(repair.text);
  const content = { from: "bytes", bytes } as const;
  return { ...common, type: "file", sizeBytes: bytes.length, digest: digestOf(bytes), content };
}

/** The tree with other paths, null for none. Of a file whose first name goes, the next becomes the first. */
function renamed(tree: Tree, rename: (path: string) => string | null): Tree {
  const result = new Map<string, TreeEntry>();
  const files = new Map<string, Exclude<TreeEntry, { type: "link" }>>();
  for (const entry of tree.values()) {
    const path = rename(entry.path);
    if (path === null || entry.type === "link") continue;
    const moved = { ...entry, path };
    result.set(path, moved);
    files.set(entry.path, moved);
  }
  for (const entry of tree.values()) {
    const path = rename(entry.path);
    if (path === null || entry.type !== "link") continue;
    const first = files.get(entry.target) ?? tree.get(entry.target);
    if (first === undefined || first.type === "link") continue;
    if (files.has(entry.target)) result.set(path, linkTo(first, path));
    else {
      const heir = { ...first, path };
      result.set(path, heir);
      files.set(entry.target, heir);
    }
  }
  return result;
}

function withParents(tree: Tree, path: string): Tree {
  const parent = parentOf(path);
  if (tree.has(parent)) return tree;
  return new Map(withParents(tree, parent)).set(parent, impliedDirectory(parent));
}

function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`);
}
