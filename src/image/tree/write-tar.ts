import { type FileHandle, open } from "node:fs/promises";
import { Failure } from "../../base/failure.ts";
import { type WritableRecord, endOfTar, headerBlocks, padding } from "../../oci/tar-blocks.ts";
import type { TreeEntry, TreeFile } from "./tree.ts";

/**
 * A tar of the entries in the order given, in large chunks. Memory stays
 * flat. The same entries give the same bytes: nothing of this machine, no owner's names, no padding at the end.
 * @throws Failure file-changed (infrastructure) when a content is shorter than it was, special-file (package) for devices.
 */
export async function* tarOfEntries(
  entries: Iterable<TreeEntry>,
): AsyncGenerator<Uint8Array, void, undefined> {
  await using contents = new Contents();
  const chunk = new Chunk();
  for (const entry of entries) {
    yield* chunk.add(tarHeader(entry));
    if (entry.type !== "file") continue;
    if (entry.content.from === "bytes") yield* chunk.add(entry.content.bytes);
    else {
      for (let at = 0; at < entry.sizeBytes;) {
        if (chunk.isFull) yield chunk.take();
        const length = await contents.read(entry, at, chunk.free(entry.sizeBytes - at));
        chunk.grow(length);
        at += length;
      }
    }
    yield* chunk.add(padding(entry.sizeBytes));
  }
  yield* chunk.add(endOfTar());
  yield chunk.take();
}

/** How many bytes `tarOfEntries` gives for them. */
export function tarSize(entries: Iterable<TreeEntry>): number {
  let size = endOfTar().length;
  for (const entry of entries) {
    size += tarHeader(entry).length;
    if (entry.type === "file") size += entry.sizeBytes + padding(entry.sizeBytes).length;
  }
  return size;
}

/** An entry's header as it stands in the tar: all of the entry but its content. */
export function tarHeader(entry: TreeEntry): Buffer {
  return headerBlocks(recordOf(entry));
}

function recordOf(entry: TreeEntry): WritableRecord {
  const { path, mode, uid, gid, mtime, xattrs } = entry;
  const common = { path, mode, uid, gid, mtime, xattrs, sizeBytes: 0, linkTarget: "" };
  switch (entry.type) {
    case "file":
      return { ...common, type: "file", sizeBytes: entry.sizeBytes };
    case "directory":
      return { ...common, type: "directory", path: path === "." ? "./" : `${path}/` };
    case "symlink":
    case "link":
      return { ...common, type: entry.type, linkTarget: entry.target };
    case "fifo":
      return { ...common, type: "fifo" };
    default:
      throw new Failure(
        "package",
        "special-file",
        `/${path} is a ${entry.type.replace("-", " ")}, which no image may hold`,
        {
          hint: "Remove it from the definition's files, or from the package that brings it: systemd makes such at boot.",
          details: { path, type: entry.type },
        },
      );
  }
}

/** Reads from the files that contents lie in; each is opened once, since most contents of a tree lie in one file. */
class Contents implements AsyncDisposable {
  private readonly handles = new Map<string, FileHandle>();

  async read(entry: TreeFile, at: number, into: Buffer): Promise<number> {
    const { content, path, sizeBytes } = entry;
    if (content.from === "bytes") return 0;
    const handle = this.handles.get(content.file) ?? (await open(content.file));
    this.handles.set(content.file, handle);
    const { bytesRead } = await handle.read(into, 0, into.length, content.offset + at);
    if (bytesRead > 0) return bytesRead;
    throw new Failure("infrastructure", "file-changed", `/${path} has fewer than its ${sizeBytes} bytes`, {
      hint: `Something cut ${content.file} short. Start again.`,
      details: { path, file: content.file },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const handle of this.handles.values()) await handle.close();
  }
}

/** Small pieces gathered to chunks worth hashing, compressing and writing. */
class Chunk {
  private buffer = Buffer.allocUnsafe(chunkSize);
  private length = 0;

  *add(bytes: Uint8Array): Generator<Uint8Array> {
    for (let at = 0; at < bytes.length;) {
      if (this.isFull) yield this.take();
      const piece = bytes.subarray(at, at + chunkSize - this.length);
      this.buffer.set(piece, this.length);
      this.length += piece.length;
      at += piece.length;
    }
  }

  get isFull(): boolean {
    return this.length === chunkSize;
  }

  /** Room for at most so many bytes, which `grow` then takes in. */
  free(most: number): Buffer {
    return this.buffer.subarray(this.length, Math.min(chunkSize, this.length + most));
  }

  grow(length: number): void {
    this.length += length;
  }

  take(): Uint8Array {
    const taken = this.buffer.subarray(0, this.length);
    this.buffer = Buffer.allocUnsafe(chunkSize);
    this.length = 0;
    return taken;
  }
}

const chunkSize = 256 * 1024;
