import { type Attributes, directoryEntry, fileEntry, symlinkEntry } from "./new-entry.ts";
import { parentOf } from "./entry.ts";
import { nameOf } from "./path.ts";
import type { Tree, TreeEntry, TreeFile } from "./tree.ts";

/** What an entry of a draft is like; the draft has the time. */
export type DraftAttributes = Omit<Attributes, "mtime">;

/**
 * A tree while it is being changed: a copy, so that nobody else's tree changes. Hard links stay whole: when the name that
 * has the bytes goes, another one gets them. Entries that it makes have the time it was given.
 */
export class Draft {
  readonly #entries: Map<string, TreeEntry>;
  readonly #mtime: number;
  #names: Map<string, Set<string>> | null = null;
  #links: Map<string, Set<string>> | null = null;

  constructor(tree: Tree, mtime: number) {
    this.#entries = new Map(tree);
    this.#mtime = mtime;
  }

  /** What has become of the tree so far. A view, not a copy. */
  get tree(): Tree {
    return this.#entries;
  }

  get(path: string): TreeEntry | undefined {
    return this.#entries.get(path);
  }

  /** The entries right in a directory, by name. */
  children(path: string): TreeEntry[] {
    const prefix = path === "." ? "" : `${path}/`;
    return [...(this.#namesIn().get(path) ?? [])]
      .toSorted()
      .map((name) => this.#entries.get(prefix + name))
      .filter((entry) => entry !== undefined);
  }

  /** The entries below a directory at any depth, each after the directory that it is in. */
  below(path: string): TreeEntry[] {
    return this.children(path).flatMap((entry) =>
      entry.type === "directory" ? [entry, ...this.below(entry.path)] : [entry],
    );
  }

  /** Puts an entry where it says, in place of what is there and with the directories that it lacks. */
  put(entry: TreeEntry): void {
    const present = this.#entries.get(entry.path);
    if (present !== undefined && !(present.type === "directory" && entry.type === "directory")) {
      this.remove(entry.path);
    }
    if (entry.path !== ".") this.directory(parentOf(entry.path));
    this.#set(entry);
  }

  /** Makes sure of a directory; one that is there stays as it is. */
  directory(path: string, attributes: DraftAttributes = {}): void {
    if (this.#entries.get(path)?.type === "directory") return;
    this.put(directoryEntry(path, { ...attributes, mtime: this.#mtime }));
  }

  file(path: string, content: string | Uint8Array, attributes: DraftAttributes = {}): void {
    this.put(fileEntry(path, content, { ...attributes, mtime: this.#mtime }));
  }

  symlink(path: string, target: string, attributes: DraftAttributes = {}): void {
    this.put(symlinkEntry(path, target, { ...attributes, mtime: this.#mtime }));
  }

  /** Puts an entry of the same type in place of the one that is there; what is below it or has its bytes stays. */
  replace(entry: TreeEntry): void {
    this.#set(entry);
  }

  /** Removes an entry with all that is below it; nothing where there is none. */
  remove(path: string): void {
    const entry = this.#entries.get(path);
    if (entry === undefined) return;
    for (const child of entry.type === "directory" ? this.children(path) : []) this.remove(child.path);
    this.#unset(entry);
    if (entry.type === "file") this.#bequeath(entry);
  }

  /** Removes what is in a directory. */
  empty(path: string): void {
    for (const child of this.children(path)) this.remove(child.path);
  }

  /** Moves an entry with all that is below it, in place of what is at the other path. */
  move(from: string, to: string): void {
    const entry = this.#entries.get(from);
    if (entry === undefined || from === to) return;
    const children = entry.type === "directory" ? this.children(from) : [];
    // Two names of one file: the other one is there already.
    if (entry.type === "link" && entry.target === to) return this.#unset(entry);
    this.put({ ...entry, path: to });
    for (const child of children) this.move(child.path, `${to}/${nameOf(child.path)}`);
    this.#unset(entry);
    if (entry.type === "file") this.#redirect(from, to);
  }

  /** The first of a file's further names gets its bytes when the name that had them is gone. */
  #bequeath(file: TreeFile): void {
    const [heir] = [...(this.#linksTo().get(file.path) ?? [])].toSorted();
    if (heir === undefined) return;
    const link = this.#entries.get(heir);
    if (link !== undefined) this.#unset(link);
    this.#set({ ...file, path: heir });
    this.#redirect(file.path, heir);
  }

  #redirect(from: string, to: string): void {
    for (const path of this.#linksTo().get(from) ?? []) {
      const link = this.#entries.get(path);
      if (link?.type !== "link") continue;
      this.#unset(link);
      this.#set({ ...link, target: to });
    }
  }

  #set(entry: TreeEntry): void {
    this.#entries.set(entry.path, entry);
    if (this.#names !== null) addTo(this.#names, parentOf(entry.path), nameOf(entry.path));
    if (this.#links !== null && entry.type === "link") addTo(this.#links, entry.target, entry.path);
  }

  #unset(entry: TreeEntry): void {
    this.#entries.delete(entry.path);
    this.#names?.get(parentOf(entry.path))?.delete(nameOf(entry.path));
    if (entry.type === "link") this.#links?.get(entry.target)?.delete(entry.path);
  }

  #namesIn(): Map<string, Set<string>> {
    if (this.#names !== null) return this.#names;
    const names = new Map<string, Set<string>>();
    for (const path of this.#entries.keys()) if (path !== ".") addTo(names, parentOf(path), nameOf(path));
    return (this.#names = names);
  }

  #linksTo(): Map<string, Set<string>> {
    if (this.#links !== null) return this.#links;
    const links = new Map<string, Set<string>>();
    for (const entry of this.#entries.values())
      if (entry.type === "link") addTo(links, entry.target, entry.path);
    return (this.#links = links);
  }
}

function addTo(sets: Map<string, Set<string>>, key: string, value: string): void {
  const set = sets.get(key);
  if (set === undefined) sets.set(key, new Set([value]));
  else set.add(value);
}
