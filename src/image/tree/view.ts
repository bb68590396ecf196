import { compareBytes } from "../../oci/raw-text.ts";
import { parentOf } from "./entry.ts";
import type { Tree, TreeEntry } from "./tree.ts";

/** As many links as Linux follows in one path (path_resolution(7)). */
const mostLinks = 40;

/**
 * A tree as a system whose root it is would see it: links in paths are followed and never lead out of the root. Paths are
 * taken with or without a leading slash.
 */
export class TreeView {
  readonly tree: Tree;
  #names: ReadonlyMap<string, readonly string[]> | null = null;

  constructor(tree: Tree) {
    this.tree = tree;
  }

  /** What is at the path itself, links followed in its parents only (lstat(2)); null when nothing is. */
  lstat(path: string): TreeEntry | null {
    const place = this.resolve(path);
    return place === null ? null : (this.tree.get(place) ?? null);
  }

  /** What the path leads to (stat(2)); of a file with several names the entry that has the bytes. */
  stat(path: string): Exclude<TreeEntry, { type: "symlink" | "link" }> | null {
    const place = this.#walk(path, "follow-last");
    const found = place === null ? undefined : this.tree.get(place);
    const entry = found?.type === "link" ? this.tree.get(found.target) : found;
    return entry === undefined || entry.type === "symlink" || entry.type === "link" ? null : entry;
  }

  /** The path without links in its parents, as the tree has it, whether or not anything is there; null without a parent. */
  resolve(path: string): string | null {
    return this.#walk(path, "keep-last");
  }

  /** The names in the directory that the path leads to, sorted; none when it leads to no directory. */
  names(path: string): readonly string[] {
    const place = this.#walk(path, "follow-last");
    return place === null ? [] : (this.#index().get(place) ?? []);
  }

  /** Everything below the directory that the path leads to, each directory before what is in it. */
  *below(path: string): Generator<TreeEntry, void, undefined> {
    const place = this.#walk(path, "follow-last");
    if (place === null) return;
    for (const name of this.#index().get(place) ?? []) {
      const entry = this.tree.get(join(place, name));
      if (entry === undefined) continue;
      yield entry;
      if (entry.type === "directory") yield* this.below(entry.path);
    }
  }

  #index(): ReadonlyMap<string, readonly string[]> {
    return (this.#names ??= namesByDirectory(this.tree));
  }

  #walk(path: string, last: "follow-last" | "keep-last"): string | null {
    const left = partsOf(path);
    let place = ".";
    let links = 0;
    for (let part = left.shift(); part !== undefined; part = left.shift()) {
      if (part === "..") {
        place = parentOf(place);
        continue;
      }
      const next = join(place, part);
      const entry = this.tree.get(next);
      const isLast = left.length === 0;
      if (entry?.type === "symlink" && !(isLast && last === "keep-last")) {
        if (++links > mostLinks) return null;
        if (entry.target.startsWith("/")) place = ".";
        left.unshift(...partsOf(entry.target));
        continue;
      }
      if (!isLast && entry?.type !== "directory") return null;
      place = next;
    }
    return place;
  }
}

/** The tree below a directory, as a tree of its own. Hard links from elsewhere are gone with what they named. */
export function subtree(tree: Tree, directory: string): Tree {
  const prefix = `${directory}/`;
  const strip = (path: string) => (path === directory ? "." : path.slice(prefix.length));
  const inside = [...tree.values()].filter(
    ({ path, ...entry }) =>
      (path === directory || path.startsWith(prefix)) &&
      (entry.type !== "link" || entry.target.startsWith(prefix)),
  );
  return new Map(
    inside.map((entry): [string, TreeEntry] => {
      const path = strip(entry.path);
      return [
        path,
        entry.type === "link" ? { ...entry, path, target: strip(entry.target) } : { ...entry, path },
      ];
    }),
  );
}

function join(directory: string, name: string): string {
  return directory === "." ? name : `${directory}/${name}`;
}

function partsOf(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}

function namesByDirectory(tree: Tree): Map<string, string[]> {
  const names = new Map<string, string[]>();
  for (const path of tree.keys()) {
    if (path === ".") continue;
    const parent = parentOf(path);
    const known = names.get(parent);
    const name = path.slice(parent === "." ? 0 : parent.length + 1);
    if (known === undefined) names.set(parent, [name]);
    else known.push(name);
  }
  for (const list of names.values()) list.sort(compareBytes);
  return names;
}
