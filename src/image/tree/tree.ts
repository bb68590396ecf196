import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import type { Digest } from "../../base/digest.ts";

/** Where a file's bytes are: here, or a stretch of a file on this machine (a tar member, or a whole file from 0 on). */
export type Content =
  | { readonly from: "bytes"; readonly bytes: Uint8Array }
  | { readonly from: "file"; readonly file: string; readonly offset: number };

interface Common {
  /** Slash-separated from the root, without a leading slash: `usr/bin/env`. The root itself is `.`. */
  readonly path: string;
  /** Permission bits with set-id and sticky bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Whole seconds since the epoch. */
  readonly mtime: number;
  /** Extended attributes by name (`security.capability`), as their bytes. */
  readonly xattrs: Readonly<Record<string, Uint8Array>>;
}

export type TreeFile = Common & {
  readonly type: "file";
  readonly sizeBytes: number;
  readonly digest: Digest;
  readonly content: Content;
};
export type TreeDirectory = Common & { readonly type: "directory" };
export type TreeSymlink = Common & { readonly type: "symlink"; readonly target: string };
/** A further name of a file: `target` is the path of the entry of type `file` that has its bytes. */
export type TreeLink = Common & { readonly type: "link"; readonly target: string };
/** What no image may hold; kept so that it can be complained of. */
export type TreeSpecial = Common & {
  readonly type: "character-device" | "block-device" | "fifo" | "socket";
};

export type TreeEntry = TreeFile | TreeDirectory | TreeSymlink | TreeLink | TreeSpecial;

/** A root filesystem as data: every entry by its path. Bytes stay where they are until somebody reads them. */
export type Tree = ReadonlyMap<string, TreeEntry>;

/** What is needed of a file, or of a part of one, to read it. */
export type FileBytes = Pick<TreeFile, "content" | "sizeBytes">;

/** A file's bytes as they come. */
export function openContent(file: FileBytes): AsyncIterable<Uint8Array> {
  const { content, sizeBytes } = file;
  if (content.from === "bytes") return onePiece(content.bytes);
  if (sizeBytes === 0) return onePiece(new Uint8Array());
  return createReadStream(content.file, { start: content.offset, end: content.offset + sizeBytes - 1 });
}

/** A file's bytes in one piece: for small files. */
export async function readContent(file: FileBytes): Promise<Uint8Array> {
  const { content, sizeBytes } = file;
  if (content.from === "bytes") return content.bytes;
  await using handle = await open(content.file);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(sizeBytes), 0, sizeBytes, content.offset);
  return buffer.subarray(0, bytesRead);
}

async function* onePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}

/** A stretch of a file, cut where the file ends. */
export function partOf({ content, sizeBytes }: FileBytes, offset: number, length: number): FileBytes {
  const begin = Math.min(offset, sizeBytes);
  const size = Math.min(length, sizeBytes - begin);
  if (content.from === "bytes")
    return {
      sizeBytes: size,
      content: { from: "bytes", bytes: content.bytes.subarray(begin, begin + size) },
    };
  return { sizeBytes: size, content: { ...content, offset: content.offset + begin } };
}
