import { type Hash, createHash } from "node:crypto";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Writable } from "node:stream";
import type { Digest } from "../../base/digest.ts";
import { Failure } from "../../base/failure.ts";
import { piped } from "../../base/piped.ts";
import type { Container } from "../../engine/engine.ts";
import type { Kiln } from "../../environment/kiln.ts";
import { Tail } from "../../environment/tail.ts";
import { treeOfTar } from "../tree/read-tar.ts";
import { impliedDirectory } from "../tree/entry.ts";
import type { Tree, TreeEntry } from "../tree/tree.ts";
import { readTreeLines, treeLines } from "./tree-lines.ts";

/** A root filesystem in the store: its tar, which has the contents, and its entries as lines. */
export interface KeptRoot {
  readonly tar: Digest;
  readonly lines: Digest;
}

/**
 * Brings a container's root filesystem into the store as one tar, with capabilities and hard links. What the engine itself
 * puts into containers (name resolution, mounts) is left out. `begun` is called when the reading has begun.
 * @throws Failure export-failed, tar-malformed, disk-full (infrastructure).
 */
export async function exportRoot(
  kiln: Kiln,
  container: Container,
  begun: () => void,
): Promise<{ kept: KeptRoot; tree: Tree }> {
  const directory = await kiln.store.temporaryDirectory();
  try {
    const file = join(directory, "root.tar");
    const hash = createHash("sha256");
    const packed = (output: Writable) => packRoot(kiln, container, output);
    const indexed = (input: AsyncIterable<Uint8Array>) => treeOfTar(hashed(input, hash, begun), file);
    const tree = await piped(packed, indexed, { highWaterMark: 1024 * 1024 });
    const tar: Digest = `sha256:${hash.digest("hex")}`;
    const lines = await putLines(kiln, directory, withMountPoints(tree));
    await kiln.store.adoptFile(file, tar);
    const kept = { tar, lines };
    return { kept, tree: await openRoot(kiln, kept) };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** The tree of a root filesystem that the store has. */
export async function openRoot(kiln: Kiln, { tar, lines }: KeptRoot): Promise<Tree> {
  await Promise.all([kiln.store.touchBlob(tar), kiln.store.touchBlob(lines)]);
  return readTreeLines(kiln.store.blobPath(lines), kiln.store.blobPath(tar));
}

async function packRoot(kiln: Kiln, container: Container, output: Writable): Promise<void> {
  const said = new Tail(null);
  const { exitCode } = await container.run(tarCommand, {
    stdout: output,
    stderr: said,
    signal: kiln.signal,
  });
  if (exitCode === 0) return;
  throw new Failure(
    "infrastructure",
    "export-failed",
    "The root filesystem could not be read out of its container",
    {
      hint: "tar's own words are in the details.",
      details: { output: said.text, exitCode },
    },
  );
}

/** What engines mount or bind into every container. Other mounts, of volumes, are left empty by --one-file-system. */
const enginesOwn = [
  "./dev",
  "./proc",
  "./sys",
  "./etc/hostname",
  "./etc/hosts",
  "./etc/resolv.conf",
  "./run/.containerenv",
  "./.dockerenv",
];

async function* hashed(
  chunks: AsyncIterable<Uint8Array>,
  hash: Hash,
  begun: () => void,
): AsyncGenerator<Uint8Array> {
  let isFirst = true;
  for await (const chunk of chunks) {
    if (isFirst) begun();
    isFirst = false;
    hash.update(chunk);
    yield chunk;
  }
}

/** In place of what was mounted there. */
function withMountPoints(tree: Tree): Tree {
  const points = ["dev", "proc", "sys"].map((path): [string, TreeEntry] => [
    path,
    { ...impliedDirectory(path) },
  ]);
  return new Map([...tree, ...points]);
}

const tarCommand = [
  "tar",
  "--create",
  "--format=pax",
  "--pax-option=delete=atime,delete=ctime",
  "--numeric-owner",
  "--xattrs",
  "--xattrs-include=security.capability",
  "--one-file-system",
  "--sort=name",
  "--blocking-factor=512",
  ...enginesOwn.map((path) => `--exclude=${path}`),
  "--directory=/",
  "--file=-",
  ".",
] as const;

async function putLines(kiln: Kiln, directory: string, tree: Tree): Promise<Digest> {
  const file = join(directory, "root.lines");
  const hash = createHash("sha256");
  await using handle = await open(file, "wx");
  for (const piece of pieces(treeLines(tree))) {
    hash.update(piece);
    await handle.writeFile(piece);
  }
  const digest: Digest = `sha256:${hash.digest("hex")}`;
  await kiln.store.adoptFile(file, digest);
  return digest;
}

/** Lines in pieces of some size, so that not each is a write. */
function* pieces(lines: Iterable<string>): Generator<string> {
  let piece = "";
  for (const line of lines) {
    piece += line;
    if (piece.length < 256 * 1024) continue;
    yield piece;
    piece = "";
  }
  yield piece;
}
