import { malformedTar } from "./tar-malformed.ts";
import { textOf } from "./raw-text.ts";

/** The size of tar's blocks in bytes: headers are one, contents are filled up to whole ones. */
export const blockSize = 512;

/** What a tar says of one member. */
export interface TarRecord {
  /** As written: not checked for `..`, leading slashes or anything else. Bytes outside UTF-8 as raw-text.ts has them. */
  readonly path: string;
  readonly type: "file" | "directory" | "symlink" | "link" | "character-device" | "block-device" | "fifo";
  /** Permission bits with set-id and sticky bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since the epoch. */
  readonly mtime: number;
  readonly sizeBytes: number;
  /** Empty where the type has none. */
  readonly linkTarget: string;
  readonly xattrs: Readonly<Record<string, Uint8Array>>;
}

/** A header block's own fields, before any extended header is applied. */
export interface TarBlock extends Omit<TarRecord, "type" | "xattrs"> {
  readonly flag: string;
}

/**
 * Reads one header block: ustar, or GNU tar's form of it; null for a block of zeros.
 * @throws Failure tar-malformed (infrastructure).
 */
export function readBlock(block: Buffer): TarBlock | null {
  const sum = checksumOf(block);
  if (sum === 8 * 0x20 && block.every((byte) => byte === 0)) return null;
  if (octal(block, 148, 8) !== sum) throw malformedTar("a header's checksum is wrong");
  const magic = block.toString("latin1", 257, 265);
  if (magic !== "ustar\x0000" && magic !== "ustar  \0")
    throw malformedTar("a header is neither POSIX's nor GNU's");
  const prefix = magic === "ustar\x0000" ? textAt(block, 345, 155) : "";
  const name = textAt(block, 0, 100);
  return {
    path: prefix === "" ? name : `${prefix}/${name}`,
    flag: String.fromCharCode(block[156] ?? 0),
    mode: numberAt(block, 100, 8) & 0o7777,
    uid: numberAt(block, 108, 8),
    gid: numberAt(block, 116, 8),
    sizeBytes: numberAt(block, 124, 12),
    mtime: numberAt(block, 136, 12),
    linkTarget: textAt(block, 157, 100),
  };
}

/** The sum of a header's bytes, with its checksum taken for spaces (POSIX.1-2017, pax, "ustar Interchange Format"). */
export function checksumOf(block: Buffer): number {
  let sum = 8 * 0x20;
  for (let at = 0; at < blockSize; at++) if (at < 148 || at >= 156) sum += block[at] ?? 0;
  return sum;
}

function textAt(block: Buffer, start: number, length: number): string {
  const field = block.subarray(start, start + length);
  const end = field.indexOf(0);
  return textOf(end === -1 ? field : field.subarray(0, end));
}

/** Octal digits, or with the first bit set a number of base 256, in two's complement (GNU tar, "Extensions"). */
function numberAt(block: Buffer, start: number, length: number): number {
  const first = block[start] ?? 0;
  if (first < 0x80) return octal(block, start, length);
  let value = first === 0xff ? -1n : BigInt(first & 0x7f);
  for (const byte of block.subarray(start + 1, start + length)) value = (value << 8n) | BigInt(byte);
  if (
    value > BigInt(Number.MAX_SAFE_INTEGER) ||
    value < BigInt(Number.MIN_SAFE_INTEGER) ||
    (first & 0x40 && first !== 0xff)
  )
    throw malformedTar("a header has a number that is too large");
  return Number(value);
}

function octal(block: Buffer, start: number, length: number): number {
  const text = block.toString("latin1", start, start + length);
  const digits = /^ *([0-7]*)[ \0]*$/.exec(text)?.[1];
  if (digits === undefined) throw malformedTar("a header has a number that is none");
  return digits === "" ? 0 : parseInt(digits, 8);
}
