import { bytesOf } from "../../oci/raw-text.ts";
import { collectInodes } from "./collect.ts";
import { type FormatVersion, blockSize, dataLayouts, slotSize } from "./format.ts";
import type { VerityAlgorithm } from "./fs-verity.ts";
import { type Directory, type Node, sortedChildren } from "./node.ts";
import { type InodeXattrs, type Xattr, shareXattrs, xattr, xattrsOf } from "./xattrs.ts";

/** A name in a directory. */
export interface DirectoryEntry {
  readonly name: Buffer;
  readonly node: Node;
}

/** An inode, and where it is. */
export interface Inode {
  readonly node: Node;
  readonly number: number;
  readonly isCompact: boolean;
  readonly layout: number;
  readonly sizeBytes: number;
  readonly links: number;
  readonly xattrs: InodeXattrs;
  /** Of a directory, each to be in a block of its own. */
  readonly blocks: readonly (readonly DirectoryEntry[])[];
  /** Of a directory, what follows its inode. */
  readonly inline: readonly DirectoryEntry[];
  /** In the image, in bytes. */
  readonly offset: number;
  /** Of its first block, or where that would be. */
  readonly blocksOffset: number;
}

/** Where everything of an image is. */
export interface Layout {
  readonly inodes: readonly Inode[];
  readonly table: readonly Xattr[];
  readonly tableOffsets: readonly number[];
  readonly inodesEnd: number;
  readonly end: number;
  /** Of all inodes: what compact ones have. */
  readonly oldest: number;
}

/** Where the inodes begin: after composefs's header and EROFS's superblock. */
export const inodesBegin = 1024 + 128;

/** Decides where everything of a tree's image is. */
export function layOut(root: Directory, version: FormatVersion, algorithm: VerityAlgorithm): Layout {
  const { nodes, links, parents } = collectInodes(root, version);
  const own = new Map(nodes.map((node) => [node, xattrsOf(node, algorithm)] as const));
  if (version === 1)
    own.set(root, [...(own.get(root) ?? []), xattr("trusted.overlay.opaque", Buffer.from("y"))]);
  const { table, of } = shareXattrs(own, version);
  const oldest = nodes.reduce((least, { mtime }) => Math.min(least, mtime), Infinity);
  const placed: Omit<Inode, "blocksOffset">[] = [];
  let at = inodesBegin;
  for (const [number, node] of nodes.entries()) {
    const { blocks, inline } =
      node.type === "directory"
        ? divided(entriesOf(node, parents.get(node) ?? root))
        : { blocks: [], inline: [] };
    const sizeBytes = sizeOf(node, blocks.length * blockSize + entriesSize(inline));
    const count = node.type === "directory" ? subdirectories(node) + 2 : (links.get(node) ?? 1);
    const isCompact =
      version === 1 && node.mtime === oldest && fits(16, count, node.uid, node.gid) && fits(32, sizeBytes);
    const layout = layoutOf(node, inline.length > 0);
    const xattrs = of.get(node) ?? { local: [], shared: [], filter: 0 };
    const head = (isCompact ? 32 : 64) + xattrsSize(xattrs);
    const tail = tailSize(node, sizeBytes, inline);
    if (layout === dataLayouts.inline) at += gap(at, head, tail, version, node.type === "symlink");
    placed.push({
      node,
      number,
      isCompact,
      layout,
      sizeBytes,
      links: count,
      xattrs,
      blocks,
      inline,
      offset: at,
    });
    at = align(at + head + tail, slotSize);
  }
  const inodesEnd = at;
  const tableOffsets = table.map((each) => {
    const offset = at;
    at += xattrSize(each);
    return offset;
  });
  at = align(at, blockSize);
  const inodes = placed.map((inode) => {
    const blocksOffset = at;
    at += inode.blocks.length * blockSize;
    return { ...inode, blocksOffset };
  });
  return { inodes, table, tableOffsets, inodesEnd, end: at, oldest };
}

/** Of an inode's attributes, with their header. */
export function xattrsSize({ local, shared }: InodeXattrs): number {
  if (local.length + shared.length === 0) return 0;
  return 12 + 4 * shared.length + local.reduce((sum, each) => sum + xattrSize(each), 0);
}

export function align(at: number, to: number): number {
  return Math.ceil(at / to) * to;
}

function xattrSize({ suffix, value }: Xattr): number {
  return align(4 + suffix.length + value.length, 4);
}

function entriesOf(directory: Directory, parent: Directory): readonly DirectoryEntry[] {
  const children = sortedChildren(directory).map(([name, node]) => ({ name, node }));
  const dots = [
    { name: Buffer.from("."), node: directory },
    { name: Buffer.from(".."), node: parent },
  ];
  return [...dots, ...children].toSorted((a, b) => Buffer.compare(a.name, b.name));
}

/** Fills block after block; what is left goes behind the inode when it is no more than half a block. */
function divided(entries: readonly DirectoryEntry[]): Pick<Inode, "blocks" | "inline"> {
  const blocks: DirectoryEntry[][] = [];
  let rest: DirectoryEntry[] = [];
  let size = 0;
  for (const entry of entries) {
    const more = entriesSize([entry]);
    if (size + more > blockSize) {
      blocks.push(rest);
      rest = [];
      size = 0;
    }
    rest.push(entry);
    size += more;
  }
  return size > blockSize / 2 ? { blocks: [...blocks, rest], inline: [] } : { blocks, inline: rest };
}

function entriesSize(entries: readonly DirectoryEntry[]): number {
  return entries.reduce((sum, { name }) => sum + 12 + name.length, 0);
}

function sizeOf(node: Node, directorySize: number): number {
  switch (node.type) {
    case "directory":
      return directorySize;
    case "file":
      return node.data.kind === "inline" ? node.data.bytes.length : node.data.sizeBytes;
    case "symlink":
      return bytesOf(node.target).length;
    default:
      return 0;
  }
}

function subdirectories({ children }: Directory): number {
  return [...children.values()].filter(({ type }) => type === "directory").length;
}

function fits(bits: number, ...values: readonly number[]): boolean {
  return values.every((value) => value < 2 ** bits);
}

function layoutOf(node: Node, hasInline: boolean): number {
  if (node.type === "directory") return hasInline ? dataLayouts.inline : dataLayouts.plain;
  if (node.type === "symlink") return dataLayouts.inline;
  if (node.type !== "file") return dataLayouts.plain;
  if (node.data.kind === "object") return dataLayouts.chunked;
  return node.data.bytes.length > 0 ? dataLayouts.inline : dataLayouts.plain;
}

/** What follows an inode and its attributes: of a file in the object store, the one null address of its one chunk. */
function tailSize(node: Node, sizeBytes: number, inline: readonly DirectoryEntry[]): number {
  if (node.type === "directory") return entriesSize(inline);
  if (node.type === "file" && node.data.kind === "object") return 4;
  return sizeBytes;
}

/** What is left free before an inode, so that what follows it is in one block (a symbolic link's with its inode). */
function gap(at: number, head: number, tail: number, version: FormatVersion, isLink: boolean): number {
  const begin = at + head;
  if (version === 2) {
    const last = begin - 1;
    const isSplit = Math.floor(last / blockSize) !== Math.floor((begin + tail) / blockSize);
    return isSplit ? align(at + blockSize - (last % blockSize), slotSize) - at : 0;
  }
  if (isLink) return (at % blockSize) + head + tail > blockSize ? left(at) : 0;
  const room = left(begin);
  return room > 0 && room < tail ? align(room, slotSize) : 0;
}

/** Up to the next block. */
function left(offset: number): number {
  return align(offset, blockSize) - offset;
}
