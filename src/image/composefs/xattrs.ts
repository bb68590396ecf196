import { bytesOf } from "../../oci/raw-text.ts";
import { type FormatVersion, xattrPrefixes } from "./format.ts";
import type { Node } from "./node.ts";
import { verityAlgorithms } from "./fs-verity.ts";
import { xxhash32 } from "./xxhash32.ts";

/** An extended attribute as EROFS has it. */
export interface Xattr {
  readonly name: string;
  /** EROFS's number of the beginning of its name, and the rest. */
  readonly prefix: number;
  readonly suffix: Buffer;
  readonly value: Buffer;
}

/** Of one inode: those that it has itself, and the places of those that it shares with others. */
export interface InodeXattrs {
  readonly local: readonly Xattr[];
  readonly shared: readonly number[];
  /** For the kernel to see at once that the inode has not an attribute: the bits of all that it has, cleared. */
  readonly filter: number;
}

export interface SharedXattrs {
  readonly table: readonly Xattr[];
  readonly of: ReadonlyMap<Node, InodeXattrs>;
}

/**
 * Puts the attributes that several inodes have alike into one table. Form 1 sorts by whole names and has its table
 * backwards; form 2 leaves each inode's as they came and sorts by the parts of names.
 */
export function shareXattrs(of: ReadonlyMap<Node, readonly Xattr[]>, version: FormatVersion): SharedXattrs {
  const compare = version === 1 ? compareNames : compareParts;
  const counted = new Map<string, { readonly xattr: Xattr; count: number }>();
  for (const xattr of [...of.values()].flat()) {
    const known = counted.get(keyOf(xattr));
    if (known === undefined) counted.set(keyOf(xattr), { xattr, count: 1 });
    else known.count++;
  }
  const several = [...counted.values()].filter(({ count }) => count > 1).map(({ xattr }) => xattr);
  const ascending = several.toSorted(compare);
  const table = version === 1 ? ascending.toReversed() : ascending;
  const places = new Map(table.map((xattr, at) => [keyOf(xattr), at]));
  const divided = [...of].map(([node, own]) => {
    const ordered = version === 1 ? own.toSorted(compare) : own;
    const shared = ordered.flatMap((each) => places.get(keyOf(each)) ?? []);
    const local = ordered.filter((each) => !places.has(keyOf(each)));
    return [node, { shared, local, filter: nameFilter(own) }] as const;
  });
  return { table, of: new Map(divided) };
}

/**
 * What an inode of a file in the object store says of it, for overlayfs: its fs-verity digest (struct ovl_metacopy), and
 * where it is; then the node's own.
 */
export function xattrsOf(node: Node, algorithm: keyof typeof verityAlgorithms): readonly Xattr[] {
  const own = Object.entries(node.xattrs)
    .map(([name, value]) => xattr(name, value))
    .toSorted((a, b) => Buffer.compare(bytesOf(a.name), bytesOf(b.name)));
  if (node.type !== "file" || node.data.kind !== "object") return own;
  const { digest } = node.data;
  const bytes = Buffer.from(digest, "hex");
  const metacopy = Buffer.from([0, 4 + bytes.length, 0, verityAlgorithms[algorithm], ...bytes]);
  return [
    xattr("trusted.overlay.metacopy", metacopy),
    xattr("trusted.overlay.redirect", Buffer.from(`/${digest.slice(0, 2)}/${digest.slice(2)}`)),
    ...own,
  ];
}

export function xattr(name: string, value: Uint8Array): Xattr {
  const [prefix, beginning] = xattrPrefixes.find(([, each]) => name.startsWith(each)) ?? [0, ""];
  return { name, prefix, suffix: bytesOf(name.slice(beginning.length)), value: Buffer.from(value) };
}

function nameFilter(xattrs: readonly Xattr[]): number {
  const seed = 0x25bbe08f;
  const bits = xattrs.map(({ prefix, suffix }) => 1 << (xxhash32(suffix, seed + prefix) % 32));
  return ~bits.reduce((all, bit) => all | bit, 0) >>> 0;
}

function keyOf({ prefix, suffix, value }: Xattr): string {
  return `${prefix} ${suffix.toString("hex")} ${value.toString("hex")}`;
}

function compareNames(a: Xattr, b: Xattr): number {
  return (
    Buffer.compare(bytesOf(a.name), bytesOf(b.name)) ||
    a.value.length - b.value.length ||
    Buffer.compare(a.value, b.value)
  );
}

function compareParts(a: Xattr, b: Xattr): number {
  return a.prefix - b.prefix || Buffer.compare(a.suffix, b.suffix) || Buffer.compare(a.value, b.value);
}
