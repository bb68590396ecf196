import * as fc from "fast-check";
import { digestOf } from "../../../../src/base/digest.ts";
import { compareBytes } from "../../../../src/oci/raw-text.ts";
import { linkTo, parentOf } from "../../../../src/image/tree/entry.ts";
import type { Tree, TreeDirectory, TreeEntry, TreeFile } from "../../../../src/image/tree/tree.ts";

/** A file whose bytes are here. */
export function file(path: string, content: string | Uint8Array, fields: Partial<TreeFile> = {}): TreeFile {
  const bytes = Buffer.from(content);
  const common = { path, mode: 0o644, uid: 0, gid: 0, mtime: 1_700_000_000, xattrs: {}, ...fields };
  return {
    ...common,
    type: "file",
    sizeBytes: bytes.length,
    digest: digestOf(bytes),
    content: { from: "bytes", bytes },
  };
}

export function directory(path: string, fields: Partial<TreeDirectory> = {}): TreeDirectory {
  return { path, mode: 0o755, uid: 0, gid: 0, mtime: 0, xattrs: {}, ...fields, type: "directory" };
}

export function symlink(path: string, target: string): TreeEntry {
  return { path, type: "symlink", mode: 0o777, uid: 0, gid: 0, mtime: 1_700_000_000, xattrs: {}, target };
}

/** A tree of the entries and the directories above them, in the order of paths. */
export function treeOf(entries: readonly TreeEntry[]): Tree {
  const tree = new Map<string, TreeEntry>([[".", directory(".")]]);
  for (const entry of entries) addParents(tree, entry.path);
  for (const entry of entries) tree.set(entry.path, entry);
  return new Map([...tree].toSorted(([a], [b]) => compareBytes(a, b)));
}

function addParents(tree: Map<string, TreeEntry>, path: string): void {
  const parent = parentOf(path);
  if (tree.has(parent)) return;
  tree.set(parent, directory(parent));
  addParents(tree, parent);
}

const name = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("a", "b", "usr", "a-b", "a.b", "x".repeat(60)) },
  {
    weight: 2,
    arbitrary: fc.constantFrom("é", "漢字", "\u{1f600}", "\uffee", " ", "new\nline", "\udcff", "=%", "wh.x"),
  },
  { weight: 1, arbitrary: fc.constantFrom("y".repeat(150), "ü".repeat(60)) },
);
const path = fc.array(name, { minLength: 1, maxLength: 5 }).map((names) => names.join("/"));

const fields = fc.record({
  mode: fc.constantFrom(0o644, 0o755, 0o4755, 0o2755, 0o1777, 0, 0o7777),
  uid: fc.constantFrom(0, 1000, 65_534, 3_000_000),
  gid: fc.constantFrom(0, 42, 4_000_000_000),
  mtime: fc.constantFrom(0, 1, 1_700_000_000, 5_000_000_000, -7),
  xattrs: fc.constantFrom<Readonly<Record<string, Uint8Array>>>(
    {},
    {},
    { "security.capability": Buffer.from("0100000200040000000000000000000000000000", "hex") },
    { "user.b": Buffer.from([0, 255, 10]), "user.a": Buffer.from("=") },
  ),
});

const content = fc.oneof(
  fc.uint8Array({ maxLength: 1500 }),
  fc.constantFrom(new Uint8Array(), Buffer.alloc(300_000, 7)),
);

const entry = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(path, content, fields).map(([path, content, fields]) => file(path, content, fields)),
  },
  { weight: 2, arbitrary: fc.tuple(path, fields).map(([path, fields]) => directory(path, fields)) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(path, fc.oneof(path, fc.constant(`../${"t".repeat(200)}`)))
      .map(([path, target]) => symlink(path, target)),
  },
);

/**
 * Trees of every kind of entry that an image may hold. Hard links name files whose paths come before theirs, as in trees that
 * were read from tars in the order of paths.
 */
export const arbitraryTree: fc.Arbitrary<Tree> = fc
  .tuple(fc.array(entry, { maxLength: 12 }), fc.array(fc.tuple(path, fc.nat()), { maxLength: 3 }), fields)
  .map(([entries, links, rootFields]) => {
    const tree = new Map(treeOf(kept(entries)));
    tree.set(".", directory(".", { ...rootFields, mtime: 0 }));
    for (const [path, at] of links) {
      const files = [...tree.values()].filter((each) => each.type === "file");
      const target = files[at % Math.max(1, files.length)];
      const isFree = !tree.has(path) && tree.get(parentOf(path))?.type === "directory";
      if (target !== undefined && isFree && compareBytes(target.path, path) < 0)
        tree.set(path, linkTo(target, path));
    }
    return new Map([...tree].toSorted(([a], [b]) => compareBytes(a, b)));
  });

/** Of entries with one path the first, and none whose path is below another's that is no directory. */
function kept(entries: readonly TreeEntry[]): readonly TreeEntry[] {
  const unique = [...new Map(entries.toReversed().map((each) => [each.path, each])).values()];
  const leaves = new Set(unique.filter(({ type }) => type !== "directory").map(({ path }) => path));
  return unique.filter(({ path }) => !above(path).some((each) => leaves.has(each)));
}

function above(path: string): readonly string[] {
  const parent = parentOf(path);
  return parent === "." ? [] : [parent, ...above(parent)];
}
