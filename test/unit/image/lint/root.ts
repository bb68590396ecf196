import { digestOf } from "../../../../src/base/digest.ts";
import type { Subject } from "../../../../src/image/lint/lint.ts";
import type { Tree, TreeEntry } from "../../../../src/image/tree/tree.ts";
import { parentOf } from "../../../../src/image/tree/entry.ts";
import { TreeView } from "../../../../src/image/tree/view.ts";

type Fields = Partial<Pick<TreeEntry, "mode" | "uid" | "gid" | "xattrs">>;

/** What a root is made of: a text is a file of it. */
export type Piece = string | Uint8Array | ((path: string) => TreeEntry);

const common = { uid: 0, gid: 0, mtime: 0, xattrs: {} };

export function directory(fields: Fields = {}): Piece {
  return (path) => ({ ...common, mode: 0o755, ...fields, path, type: "directory" });
}

export function symlink(target: string, fields: Fields = {}): Piece {
  return (path) => ({ ...common, mode: 0o777, ...fields, path, type: "symlink", target });
}

export function hardLink(target: string): Piece {
  return (path) => ({ ...common, mode: 0o644, path, type: "link", target });
}

export function special(type: "character-device" | "block-device" | "fifo" | "socket"): Piece {
  return (path) => ({ ...common, mode: 0o644, path, type });
}

export function file(content: string | Uint8Array, fields: Fields = {}): (path: string) => TreeEntry {
  const bytes = Buffer.from(content);
  return (path) => ({
    ...common,
    mode: 0o644,
    ...fields,
    path,
    type: "file",
    sizeBytes: bytes.length,
    digest: digestOf(bytes),
    content: { from: "bytes", bytes },
  });
}

/** A tree of the pieces, with the directories that they are in. */
export function treeOf(pieces: Readonly<Record<string, Piece>>): Tree {
  const tree = new Map<string, TreeEntry>();
  const add = (path: string, piece: Piece) => {
    if (path !== "." && !tree.has(parentOf(path))) add(parentOf(path), directory());
    tree.set(path, typeof piece === "function" ? piece(path) : file(piece)(path));
  };
  add(".", directory());
  for (const [path, piece] of Object.entries(pieces)) add(path, piece);
  return tree;
}

export function subjectOf(pieces: Readonly<Record<string, Piece>>, known: Partial<Subject> = {}): Subject {
  return {
    view: new TreeView(treeOf(pieces)),
    config: null,
    backend: null,
    hasXattrs: true,
    intended: { hostname: null, setId: [] },
    machineNames: [],
    ...known,
  };
}

/** What bootc's own tests start from: a root that passes all of its lints. */
export const passingRoot: Readonly<Record<string, Piece>> = {
  dev: directory(),
  proc: directory(),
  sys: directory(),
  run: directory(),
  tmp: directory({ mode: 0o1777 }),
  var: directory(),
  boot: directory(),
  sysroot: directory(),
  ostree: symlink("sysroot/ostree"),
  "usr/lib/modules/5.7.2/vmlinuz": "vmlinuz",
  "usr/lib/ostree/prepare-root.conf": "[composefs]\nenabled = yes\n[sysroot]\nreadonly = true\n",
};

/** The pieces but those at or below a path. */
export function without(pieces: Readonly<Record<string, Piece>>, path: string): Record<string, Piece> {
  return Object.fromEntries(
    Object.entries(pieces).filter(([each]) => each !== path && !each.startsWith(`${path}/`)),
  );
}
