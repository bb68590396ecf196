import { schily } from "./tar-extensions.ts";
import { type TarRecord, blockSize, checksumOf } from "./tar-header.ts";
import { writePax } from "./pax.ts";
import { bytesOf } from "./raw-text.ts";

/** A member to be written: devices have no form here. */
export interface WritableRecord extends Omit<TarRecord, "type"> {
  readonly type: Exclude<TarRecord["type"], "character-device" | "block-device">;
  readonly uname?: string;
  readonly gname?: string;
}

/**
 * A member's header: one ustar block, and before it a PAX header with what that cannot hold (POSIX.1-2017, pax): long names
 * and such as are not ASCII, large or odd numbers, xattrs. The same record always gives the same bytes.
 */
export function headerBlocks(record: WritableRecord): Buffer {
  const path = bytesOf(record.path);
  const name = nameFields(path);
  const pax = paxOf(record, name === null ? path : null);
  const { prefix, rest } = name ?? { prefix: nothing, rest: path };
  const block = ustarBlock({ ...record, prefix, name: rest, flag: flags[record.type] });
  return pax.size === 0 ? block : Buffer.concat([paxMember(writePax(pax)), block]);
}

/** What a content of that size is filled up with. */
export function padding(sizeBytes: number): Buffer {
  return zeros.subarray(0, (blockSize - (sizeBytes % blockSize)) % blockSize);
}

/** The two blocks of zeros at a tar's end. */
export function endOfTar(): Buffer {
  return zeros;
}

const zeros = Buffer.alloc(2 * blockSize);
const nothing = Buffer.alloc(0);

const flags = { file: "0", link: "1", symlink: "2", directory: "5", fifo: "6" } as const;

const shortOctal = 0o7777777;
const longOctal = 0o77777777777;

/** The parts of a name that ustar can hold: at most 100 bytes, or up to 155 before a slash and 100 after it. */
function nameFields(path: Buffer): { readonly prefix: Buffer; readonly rest: Buffer } | null {
  if (!isAscii(path)) return null;
  if (path.length <= 100) return { prefix: nothing, rest: path };
  // The slash that ends a directory's name is no place to cut it.
  const slash = path.subarray(0, Math.min(156, path.length - 1)).lastIndexOf("/");
  const rest = path.length - slash - 1;
  return slash < 1 || rest > 100 ? null : { prefix: path.subarray(0, slash), rest: path.subarray(slash + 1) };
}

function paxOf(record: WritableRecord, longName: Buffer | null): ReadonlyMap<string, Buffer> {
  const { uid, gid, mtime, sizeBytes, linkTarget, xattrs, uname = "", gname = "" } = record;
  const pax = new Map<string, Buffer>();
  if (longName !== null) pax.set("path", longName);
  const target = bytesOf(linkTarget);
  if (target.length > 100 || !isAscii(target)) pax.set("linkpath", target);
  if (uid > shortOctal) pax.set("uid", Buffer.from(String(uid)));
  if (gid > shortOctal) pax.set("gid", Buffer.from(String(gid)));
  if (sizeBytes > longOctal) pax.set("size", Buffer.from(String(sizeBytes)));
  if (!fits(mtime, longOctal)) pax.set("mtime", Buffer.from(String(mtime)));
  for (const [keyword, owner] of [
    ["uname", uname],
    ["gname", gname],
  ] as const) {
    if (owner.length > 31 || !isAscii(bytesOf(owner))) pax.set(keyword, bytesOf(owner));
  }
  for (const [name, value] of Object.entries(xattrs)) {
    const encoded = name.replace(/[%=]/g, (character) => (character === "%" ? "%25" : "%3D"));
    pax.set(schily + encoded, Buffer.from(value));
  }
  return pax;
}

function isAscii(bytes: Buffer): boolean {
  return bytes.every((byte) => byte < 0x80);
}

function fits(value: number, largest: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= largest;
}

interface Fields extends Omit<WritableRecord, "path" | "type" | "xattrs"> {
  readonly prefix: Buffer;
  readonly name: Buffer;
  readonly flag: string;
}

function ustarBlock(fields: Fields): Buffer {
  const { prefix, name, flag, mode, uid, gid, sizeBytes, mtime, linkTarget, uname = "", gname = "" } = fields;
  const block = Buffer.alloc(blockSize);
  name.copy(block, 0, 0, 100);
  block.write(octal(mode & 0o7777, 7), 100);
  block.write(octal(uid > shortOctal ? 0 : uid, 7), 108);
  block.write(octal(gid > shortOctal ? 0 : gid, 7), 116);
  block.write(octal(sizeBytes > longOctal ? 0 : sizeBytes, 11), 124);
  block.write(octal(Math.min(Math.max(Math.floor(mtime), 0), longOctal), 11), 136);
  block.write(flag, 156);
  bytesOf(linkTarget).copy(block, 157, 0, 100);
  block.write("ustar\x0000", 257);
  bytesOf(uname).copy(block, 265, 0, 31);
  bytesOf(gname).copy(block, 297, 0, 31);
  block.write(octal(0, 7), 329);
  block.write(octal(0, 7), 337);
  prefix.copy(block, 345);
  block.write(`${octal(checksumOf(block), 6)}\0 `, 148);
  return block;
}

/** A PAX header member has a name that nobody reads: that of Python's and libarchive's. */
function paxMember(content: Buffer): Buffer {
  const header = ustarBlock({
    prefix: nothing,
    name: Buffer.from("././@PaxHeader"),
    flag: "x",
    mode: 0o644,
    uid: 0,
    gid: 0,
    sizeBytes: content.length,
    mtime: 0,
    linkTarget: "",
  });
  return Buffer.concat([header, content, padding(content.length)]);
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, "0");
}
