import type { IndexedMember } from "../../oci/tar-index.ts";
import { malformedTar } from "../../oci/tar-malformed.ts";
import { entryOf, impliedDirectory, linkTo, parentOf, treePath } from "./entry.ts";
import type { Tree, TreeEntry } from "./tree.ts";

/** What one layer says (layer.md): entries of its own, and what of the layers below it hides. */
export class LayerContent {
  readonly entries = new Map<string, TreeEntry>();
  /** Paths that are gone with all below them. */
  readonly whiteouts = new Set<string>();
  /** Directories of which nothing below this layer is left. */
  readonly opaque = new Set<string>();
  private readonly file: string;

  /** `file` is where the layer's tar is written to. */
  constructor(file: string) {
    this.file = file;
  }

  add(member: IndexedMember): void {
    const path = treePath(member.record.path);
    const name = path.slice(path.lastIndexOf("/") + 1);
    if (name === opaqueMark) this.opaque.add(parentOf(path));
    else if (aufsMark.test(path)) return;
    else if (name.startsWith(whiteoutMark))
      this.whiteouts.add(inDirectory(parentOf(path), name.slice(whiteoutMark.length)));
    else this.addEntry(entryOf(member, this.file, this.entries));
  }

  private addEntry(entry: TreeEntry): void {
    const before = this.entries.get(entry.path);
    if (before !== undefined && !(before.type === "directory" && entry.type === "directory")) {
      throw malformedTar(`it has ${entry.path} twice`);
    }
    this.entries.set(entry.path, entry);
  }
}

/** The tree with a layer over it. @throws Failure tar-malformed for an entry in what is no directory. */
export function applyLayer(below: Tree, { entries, whiteouts, opaque }: LayerContent): Tree {
  const isHidden = hiddenBy(entries, whiteouts, opaque);
  const tree = new Map<string, TreeEntry>();
  for (const [path, entry] of below) if (!isHidden(path)) tree.set(path, entry);
  for (const [path, entry] of entries) tree.set(path, entry);
  for (const path of entries.keys()) ensureParents(tree, path);
  return withHeirs(tree, below);
}

const whiteoutMark = ".wh.";
const opaqueMark = ".wh..wh..opq";
/** The marks of aufs, from whose days whiteouts are, mean nothing to others. */
const aufsMark = /(?:^|\/)\.wh\.\.wh\./;

function inDirectory(directory: string, name: string): string {
  if (name === "" || name === "." || name === "..")
    throw malformedTar(`it has a whiteout of nothing in ${directory}`);
  return directory === "." ? name : `${directory}/${name}`;
}

/** Whether a layer leaves an entry below it to be seen. What the layer replaces counts as hidden, but for directories' metadata. */
function hiddenBy(
  entries: ReadonlyMap<string, TreeEntry>,
  whiteouts: ReadonlySet<string>,
  opaque: ReadonlySet<string>,
): (path: string) => boolean {
  // Of what is below a path in a tree, by whether it is below something that hides it.
  const known = new Map<string, boolean>([[".", opaque.has(".")]]);
  const hidesContent = (directory: string): boolean => {
    const answer = known.get(directory);
    if (answer !== undefined) return answer;
    const own = entries.get(directory);
    const hides =
      opaque.has(directory) ||
      whiteouts.has(directory) ||
      (own !== undefined && own.type !== "directory") ||
      hidesContent(parentOf(directory));
    known.set(directory, hides);
    return hides;
  };
  return (path) => path !== "." && (whiteouts.has(path) || hidesContent(parentOf(path)));
}

function ensureParents(tree: Map<string, TreeEntry>, path: string): void {
  const parent = parentOf(path);
  if (path === "." || parent === ".") return;
  const above = tree.get(parent);
  if (above === undefined) {
    tree.set(parent, impliedDirectory(parent));
    ensureParents(tree, parent);
  } else if (above.type !== "directory") throw malformedTar(`it has ${path}, but ${parent} is no directory`);
}

/** Where a file's first name is gone, the first of its other names takes its place. */
function withHeirs(tree: Map<string, TreeEntry>, below: Tree): Tree {
  const heirs = new Map<string, string>();
  for (const [path, entry] of tree) {
    if (entry.type !== "link") continue;
    const file = below.get(entry.target);
    if (file?.type !== "file" || below.get(path) !== entry || tree.get(entry.target) === file) continue;
    const heir = heirs.get(entry.target);
    if (heir === undefined) {
      heirs.set(entry.target, path);
      tree.set(path, { ...file, path });
    } else {
      const first = tree.get(heir);
      if (first?.type === "file") tree.set(path, linkTo(first, path));
    }
  }
  return tree;
}
