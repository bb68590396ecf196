import { constants, type FileHandle, lstat, open, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../../base/failure.ts";
import type { TarEntry } from "../../oci/tar.ts";
import type { Owner } from "../source.ts";
import { type Excludes, isVersionControl, readExcludes } from "./excludes.ts";
import { isOwnOutput } from "./own-output.ts";
import { unreadable } from "./read-inside.ts";

/**
 * A source tree's files as entries of a tar, in a fixed order, under `name/`. Modes and times (in whole seconds) are
 * kept, links are sent as links, hard links as separate files. Left out are the directories of version control
 * systems, what debkiln itself left in the tree, and what `.debkilnignore` excludes.
 * @throws Failure source-special-file, source-bad-name, source-unreadable, ignore-excludes-debian (usage).
 */
export async function* treeEntries(directory: string, name: string, owner: Owner): AsyncGenerator<TarEntry> {
  const excludes = await readExcludes(directory);
  yield await entryOf(directory, name, owner);
  yield* walk({ root: directory, name, owner, excludes, pending: [] }, "");
}

interface Walk {
  readonly root: string;
  readonly name: string;
  readonly owner: Owner;
  readonly excludes: Excludes;
  /** The excluded directories on the way here: they come into the tar with the first file in them that is wanted. */
  readonly pending: TarEntry[];
}

async function* walk(tree: Walk, path: string): AsyncGenerator<TarEntry> {
  for (const child of await sortedNames(join(tree.root, path))) {
    const childPath = join(path, child);
    if (isVersionControl(childPath) || (await isOwnOutput(tree.root, childPath))) continue;
    const excluded = tree.excludes.excludes(childPath);
    if (excluded && !tree.excludes.mayReinclude) continue;
    const entry = await entryOf(join(tree.root, childPath), `${tree.name}/${childPath}`, tree.owner);
    if (!excluded) {
      yield* tree.pending.splice(0);
      yield entry;
    }
    if (entry.type !== "directory") continue;
    if (excluded) tree.pending.push(entry);
    yield* walk(tree, childPath);
    if (tree.pending.at(-1) === entry) tree.pending.pop();
  }
}

async function sortedNames(directory: string): Promise<string[]> {
  const names = await readdir(directory, { encoding: "buffer" }).catch((cause: unknown) => {
    throw unreadable(directory, cause);
  });
  return names.toSorted((a, b) => a.compare(b)).map((name) => decodeName(name, directory));
}

function decodeName(name: Buffer, directory: string): string {
  const text = name.toString("utf8");
  if (Buffer.from(text).equals(name)) return text;
  throw new Failure(
    "usage",
    "source-bad-name",
    `${directory} holds a file whose name is not UTF-8: ${text}`,
    {
      hint: "Rename it, or build from a .dsc, whose tarballs are sent as they are.",
      details: { directory, nameHex: name.toString("hex") },
    },
  );
}

/** One file of the host as an entry of a tar. Its content is opened when its turn comes, links never followed. */
export async function entryOf(file: string, path: string, owner: Owner): Promise<TarEntry> {
  const stats = await lstat(file).catch((cause: unknown) => {
    throw unreadable(file, cause);
  });
  const common = {
    path,
    mode: stats.mode & 0o7777,
    uid: owner.uid,
    gid: owner.gid,
    mtime: Math.floor(stats.mtimeMs / 1000),
  };
  if (stats.isDirectory()) return { ...common, type: "directory" };
  if (stats.isFile())
    return {
      ...common,
      type: "file",
      size: stats.size,
      content: () => (stats.size < chunkBytes ? readSmall(file) : contentOf(file)),
    };
  if (stats.isSymbolicLink()) return { ...common, type: "symlink", linkTarget: await readlink(file) };
  throw new Failure("usage", "source-special-file", `${file} is a device, socket or named pipe`, {
    hint: "A source tree has files, directories and links only: remove it, or exclude it in .debkilnignore.",
    details: { file },
  });
}

/** The bytes of a file in pieces, as they are read. Links are not followed. */
export async function* contentOf(file: string): AsyncGenerator<Uint8Array> {
  await using handle = await openFile(file);
  for (;;) {
    const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(chunkBytes));
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}

/** All of a small file, at once: several times faster than a stream for each of thousands. */
async function readSmall(file: string): Promise<Uint8Array> {
  await using handle = await openFile(file);
  return await handle.readFile();
}

/** With O_NONBLOCK a file that has become a named pipe is not waited for. */
async function openFile(file: string): Promise<FileHandle> {
  try {
    return await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

const chunkBytes = 128 * 1024;
