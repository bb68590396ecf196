import { digestOf } from "../../base/digest.ts";
import { bytesOf } from "../../oci/raw-text.ts";
import type { TreeDirectory, TreeFile, TreeSymlink } from "./tree.ts";

/** What an entry that we make is like: root's, and of the usual mode, unless it says otherwise. */
export interface Attributes {
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly mtime: number;
}

/** A file with these bytes, or with the bytes of this text. */
export function fileEntry(path: string, content: string | Uint8Array, attributes: Attributes): TreeFile {
  const bytes = typeof content === "string" ? bytesOf(content) : content;
  return {
    ...common(path, attributes, 0o644),
    type: "file",
    sizeBytes: bytes.length,
    digest: digestOf(bytes),
    content: { from: "bytes", bytes },
  };
}

export function directoryEntry(path: string, attributes: Attributes): TreeDirectory {
  return { ...common(path, attributes, 0o755), type: "directory" };
}

export function symlinkEntry(path: string, target: string, attributes: Attributes): TreeSymlink {
  return { ...common(path, attributes, 0o777), type: "symlink", target };
}

function common(path: string, { mode, uid = 0, gid = 0, mtime }: Attributes, usual: number) {
  return { path, mode: mode ?? usual, uid, gid, mtime, xattrs: {} };
}
