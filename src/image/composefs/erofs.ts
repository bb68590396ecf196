import { bytesOf } from "../../oci/raw-text.ts";
import { type FormatVersion, blockSize, dataLayouts, fileTypes, slotSize } from "./format.ts";
import type { VerityAlgorithm } from "./fs-verity.ts";
import { type DirectoryEntry, type Inode, type Layout, inodesBegin, layOut, xattrsSize } from "./layout.ts";
import type { Directory, Leaf, Node } from "./node.ts";
import type { Xattr } from "./xattrs.ts";

/**
 * The composefs image of a tree: an EROFS of its metadata, with small files inside and larger ones by their fs-verity
 * digests. Byte for byte what composefs's own writers make (form 1: mkcomposefs(1); both: composefs-rs), since the digest of
 * these bytes is what hosts boot by. Whiteouts and attributes of overlayfs in the tree are not provided for.
 */
export function composefsImage(root: Directory, version: FormatVersion, algorithm: VerityAlgorithm): Buffer {
  const whole = version === 1 ? withStubs(root) : root;
  const layout = layOut(whole, version, algorithm);
  const image = Buffer.alloc(layout.end);
  const numbers = new Map(layout.inodes.map(({ node, offset }) => [node, offset / slotSize]));
  writeHeads(image, layout, version);
  for (const inode of layout.inodes) writeInode(image, inode, { layout, version, numbers });
  for (const [at, each] of layout.table.entries()) writeXattr(image, layout.tableOffsets[at] ?? 0, each);
  return image;
}

/** Form 1 has 256 whiteouts in its root, in front of which the directories of an object store do not show. */
function withStubs(root: Directory): Directory {
  const { mode: _, xattrs: __, ...owner } = root;
  const stubs = Array.from({ length: 256 }, (_each, at): [string, Leaf] => [
    at.toString(16).padStart(2, "0"),
    { ...owner, type: "character-device", device: 0, mode: 0o644, xattrs: {} },
  ]);
  return { ...root, children: new Map<string, Node>([...stubs, ...root.children]) };
}

function writeHeads(image: Buffer, layout: Layout, version: FormatVersion): void {
  const header = [0xd078629a, 1, 0, version];
  for (const [at, value] of header.entries()) image.writeUInt32LE(value, 4 * at);
  const superblock = image.subarray(1024, inodesBegin);
  superblock.writeUInt32LE(0xe0f5e1e2, 0);
  // Times and name filters are there.
  superblock.writeUInt32LE(6, 8);
  superblock.writeUInt8(Math.log2(blockSize), 12);
  superblock.writeUInt16LE(inodesBegin / slotSize, 14);
  superblock.writeBigUInt64LE(BigInt(layout.inodes.length), 16);
  superblock.writeBigUInt64LE(version === 1 ? BigInt(layout.oldest) : 0n, 24);
  superblock.writeUInt32LE(layout.end / blockSize, 36);
  superblock.writeUInt32LE(version === 1 ? Math.floor(layout.inodesEnd / blockSize) : 0, 44);
}

interface Context {
  readonly layout: Layout;
  readonly version: FormatVersion;
  /** Of inodes, as directories name them. */
  readonly numbers: ReadonlyMap<Node, number>;
}

function writeInode(image: Buffer, inode: Inode, context: Context): void {
  const { node, offset, sizeBytes, links, isCompact } = inode;
  const bytes = image.subarray(offset);
  const xattrs = xattrsSize(inode.xattrs);
  bytes.writeUInt16LE(inode.layout | (isCompact ? 0 : 1), 0);
  bytes.writeUInt16LE(xattrs === 0 ? 0 : 1 + (xattrs - 12) / 4, 2);
  bytes.writeUInt16LE(fileTypes[node.type].mode | node.mode, 4);
  bytes.writeUInt32LE(addressOf(inode, context.version), 16);
  bytes.writeUInt32LE(context.version === 1 ? inode.number : offset / slotSize, 20);
  if (isCompact) {
    bytes.writeUInt16LE(links, 6);
    bytes.writeUInt32LE(sizeBytes, 8);
    bytes.writeUInt16LE(node.uid, 24);
    bytes.writeUInt16LE(node.gid, 26);
  } else {
    bytes.writeBigUInt64LE(BigInt(sizeBytes), 8);
    bytes.writeUInt32LE(node.uid, 24);
    bytes.writeUInt32LE(node.gid, 28);
    bytes.writeBigUInt64LE(BigInt(node.mtime), 32);
    bytes.writeUInt32LE(links, 44);
  }
  const head = isCompact ? 32 : 64;
  writeXattrs(image, offset + head, inode, context);
  writeTail(image, offset + head + xattrs, inode, context);
  for (const [at, block] of inode.blocks.entries())
    writeEntries(image, inode.blocksOffset + at * blockSize, block, context);
}

/** What stands for the place of an inode's data. */
function addressOf({ node, layout, blocks, blocksOffset }: Inode, version: FormatVersion): number {
  if (node.type === "directory")
    return layout === dataLayouts.plain || blocks.length > 0 ? blocksOffset / blockSize : 0;
  if (node.type === "character-device" || node.type === "block-device") return node.device;
  if (node.type !== "file" || node.data.kind !== "object") return 0;
  return version === 1 ? chunkBits(node.data.sizeBytes) : 31;
}

/** log2 of the blocks of the one chunk that a file is. */
function chunkBits(sizeBytes: number): number {
  return Math.max(0, (sizeBytes - 1).toString(2).length - Math.log2(blockSize));
}

function writeXattrs(image: Buffer, begin: number, { xattrs }: Inode, { layout, version }: Context): void {
  if (xattrsSize(xattrs) === 0) return;
  image.writeUInt32LE(xattrs.filter, begin);
  image.writeUInt8(xattrs.shared.length, begin + 4);
  let at = begin + 12;
  const base = version === 1 ? layout.inodesEnd - (layout.inodesEnd % blockSize) : 0;
  for (const place of xattrs.shared) {
    image.writeUInt32LE(((layout.tableOffsets[place] ?? 0) - base) / 4, at);
    at += 4;
  }
  for (const each of xattrs.local) at = writeXattr(image, at, each);
}

function writeXattr(image: Buffer, at: number, { prefix, suffix, value }: Xattr): number {
  image.writeUInt8(suffix.length, at);
  image.writeUInt8(prefix, at + 1);
  image.writeUInt16LE(value.length, at + 2);
  image.set(suffix, at + 4);
  image.set(value, at + 4 + suffix.length);
  return Math.ceil((at + 4 + suffix.length + value.length) / 4) * 4;
}

function writeTail(image: Buffer, at: number, { node, inline }: Inode, context: Context): void {
  switch (node.type) {
    case "directory":
      writeEntries(image, at, inline, context);
      break;
    case "symlink":
      image.set(bytesOf(node.target), at);
      break;
    case "file":
      if (node.data.kind === "inline") image.set(node.data.bytes, at);
      else image.writeUInt32LE(0xffffffff, at);
      break;
    default:
  }
}

function writeEntries(
  image: Buffer,
  begin: number,
  entries: readonly DirectoryEntry[],
  { numbers }: Context,
): void {
  let name = 12 * entries.length;
  for (const [place, entry] of entries.entries()) {
    const at = begin + 12 * place;
    image.writeBigUInt64LE(BigInt(numbers.get(entry.node) ?? 0), at);
    image.writeUInt16LE(name, at + 8);
    image.writeUInt8(fileTypes[entry.node.type].entry, at + 10);
    image.set(entry.name, begin + name);
    name += entry.name.length;
  }
}
