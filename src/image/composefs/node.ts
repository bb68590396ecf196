import { bytesOf } from "../../oci/raw-text.ts";

/** What every inode of a composefs tree has. */
export interface Stat {
  /** Permission bits with set-id and sticky bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Whole seconds since the epoch. */
  readonly mtime: number;
  readonly xattrs: Readonly<Record<string, Uint8Array>>;
}

export interface Directory extends Stat {
  readonly type: "directory";
  /** By name. */
  readonly children: Map<string, Node>;
}

/** Small files are in the image itself; of larger ones it has the fs-verity digest, by which the object store has them. */
export type FileData =
  | { readonly kind: "inline"; readonly bytes: Uint8Array }
  | { readonly kind: "object"; readonly digest: string; readonly sizeBytes: number };

export type Leaf = Stat &
  (
    | { readonly type: "file"; readonly data: FileData }
    | { readonly type: "symlink"; readonly target: string }
    | { readonly type: "character-device" | "block-device"; readonly device: number }
    | { readonly type: "fifo" | "socket" }
  );

/** The names of one file are the same leaf in several places. */
export type Node = Directory | Leaf;

/** Names of a directory with what they name, in the order of their bytes. */
export function sortedChildren({ children }: Directory): readonly (readonly [Buffer, Node])[] {
  return [...children]
    .map(([name, node]) => [bytesOf(name), node] as const)
    .toSorted(([a], [b]) => Buffer.compare(a, b));
}
