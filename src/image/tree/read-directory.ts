import { type BigIntStats, createReadStream } from "node:fs";
import { lstat, readdir, readlink, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { Digester } from "../../base/digester.ts";
import { type Task, throwIfAborted } from "../../base/event.ts";
import type { Digest } from "../../base/digest.ts";
import { Failure } from "../../base/failure.ts";
import { errorCode, isMissing, nullIfMissing } from "../../base/system-error.ts";
import { bytesOf, compareBytes, textOf } from "../../oci/raw-text.ts";
import { linkTo } from "./entry.ts";
import type { Tree, TreeEntry } from "./tree.ts";
import { readXattrs } from "./xattrs.ts";

export interface ReadDirectory {
  readonly tree: Tree;
  /** Whether the extended attributes are in the tree: not, where there is no getfattr(1). */
  readonly hasXattrs: boolean;
}

/**
 * The root filesystem that lies in a directory of this machine, where its contents stay. Links are not followed, and what is
 * mounted in it counts as empty. The contents of files whose names are no UTF-8 cannot be read from the tree.
 * @throws Failure directory-unreadable, file-changed (usage).
 */
export async function readDirectory(
  directory: string,
  task: Task,
  signal: AbortSignal,
): Promise<ReadDirectory> {
  const root = resolve(directory);
  const reader = new Reader(root, task, signal);
  try {
    await reader.readRoot();
  } catch (thrown) {
    throw unreadable(thrown, root);
  }
  const xattrs = await readXattrs(root, [...reader.tree.keys()], signal);
  if (xattrs === null) return { tree: reader.tree, hasXattrs: false };
  const tree = [...reader.tree].map(
    ([path, entry]) => [path, { ...entry, xattrs: xattrs.get(path) ?? {} }] as const,
  );
  return { tree: new Map(tree), hasXattrs: true };
}

class Reader {
  readonly tree = new Map<string, TreeEntry>();
  /** The first name of each file that has several. */
  readonly #files = new Map<string, string>();
  readonly #root: string;
  readonly #task: Task;
  readonly #signal: AbortSignal;
  #bytes = 0;

  constructor(root: string, task: Task, signal: AbortSignal) {
    this.#root = root;
    this.#task = task;
    this.#signal = signal;
  }

  async readRoot(): Promise<void> {
    const status = await stat(this.#root, { bigint: true }).catch(nullIfMissing);
    if (status?.isDirectory() !== true)
      throw new Failure("usage", "directory-unreadable", `There is no directory ${this.#root}`, {
        hint: "Name the directory that a root filesystem lies in.",
      });
    this.tree.set(".", { ...commonOf(".", status), type: "directory" });
    await this.#readBelow(".", status.dev);
  }

  async #readBelow(directory: string, device: bigint): Promise<void> {
    throwIfAborted(this.#signal);
    const names = await readdir(this.#place(directory), { encoding: "buffer" });
    for (const name of names.map(textOf).toSorted(compareBytes)) {
      const path = directory === "." ? name : `${directory}/${name}`;
      const status = await lstat(this.#place(path), { bigint: true });
      this.tree.set(path, await this.#entryOf(path, status));
      if (status.isDirectory() && status.dev === device) await this.#readBelow(path, device);
    }
  }

  async #entryOf(path: string, status: BigIntStats): Promise<TreeEntry> {
    const common = commonOf(path, status);
    if (status.isDirectory()) return { ...common, type: "directory" };
    if (status.isSymbolicLink())
      return { ...common, type: "symlink", target: textOf(await readlink(this.#place(path), "buffer")) };
    if (status.isFile()) return await this.#fileOf(path, status);
    return { ...common, type: specialTypeOf(status) };
  }

  async #fileOf(path: string, status: BigIntStats): Promise<TreeEntry> {
    const inode = `${status.dev}:${status.ino}`;
    const first = this.tree.get(this.#files.get(inode) ?? "");
    if (first?.type === "file") return linkTo(first, path);
    if (status.nlink > 1n) this.#files.set(inode, path);
    const sizeBytes = Number(status.size);
    const digest = await this.#digest(path, sizeBytes);
    const content = { from: "file", file: `${this.#root}/${path}`, offset: 0 } as const;
    return { ...commonOf(path, status), type: "file", sizeBytes, digest, content };
  }

  async #digest(path: string, sizeBytes: number): Promise<Digest> {
    const digester = new Digester();
    const options = { highWaterMark: pieceLength, signal: this.#signal };
    const pieces: AsyncIterable<Buffer> = createReadStream(this.#place(path), options);
    for await (const piece of pieces) digester.update(piece);
    if (digester.sizeBytes !== sizeBytes) throw changed(path);
    this.#bytes += sizeBytes;
    this.#task.progress(this.#bytes, null, "bytes");
    return digester.digest;
  }

  /** Where an entry is on this machine, whatever its name's bytes. */
  #place(path: string): Buffer {
    return Buffer.concat([Buffer.from(`${this.#root}/`), bytesOf(path)]);
  }
}

const pieceLength = 256 * 1024;

function commonOf(path: string, status: BigIntStats) {
  return {
    path,
    mode: Number(status.mode & 0o7777n),
    uid: Number(status.uid),
    gid: Number(status.gid),
    mtime: Number(status.mtimeNs / 1_000_000_000n),
    xattrs: {},
  };
}

function specialTypeOf(status: BigIntStats): "character-device" | "block-device" | "fifo" | "socket" {
  if (status.isCharacterDevice()) return "character-device";
  if (status.isBlockDevice()) return "block-device";
  return status.isFIFO() ? "fifo" : "socket";
}

function unreadable(thrown: unknown, root: string): unknown {
  if (isMissing(thrown)) return changed(thrown instanceof Error ? thrown.message : root);
  const code = errorCode(thrown);
  if (code !== "EACCES" && code !== "EPERM") return thrown;
  return new Failure("usage", "directory-unreadable", `Not all of ${root} can be read: ${String(thrown)}`, {
    hint: "Run this as the user that made it: with sudo, or in its user namespace (podman unshare).",
    cause: thrown,
  });
}

function changed(what: string): Failure {
  return new Failure("usage", "file-changed", `The directory changed while it was read: ${what}`, {
    hint: "Start again when no other program writes to it.",
  });
}
