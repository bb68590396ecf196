/**
 * Bytes as text: UTF-8 as it reads, and each byte that is no part of any UTF-8 as a lone surrogate U+DC80..U+DCFF (as
 * Python's "surrogateescape", PEP 383). No byte is lost, and `isWellFormed()` of the text tells whether it was UTF-8.
 */
export function textOf(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString("utf8");
  return !text.includes("\ufffd") || Buffer.from(text).equals(buffer) ? text : escaped(buffer);
}

/** The bytes that `textOf` made this text of. */
export function bytesOf(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text);
  const parts = text
    .split(/([\udc80-\udcff]+)/u)
    .map((part, at) =>
      at % 2 === 0 ? Buffer.from(part) : Buffer.from(part, "utf16le").filter((_, index) => index % 2 === 0),
    );
  return Buffer.concat(parts);
}

/** Puts texts in the order of their bytes, in which a directory comes before what is in it. */
export function compareBytes(a: string, b: string): number {
  if (plain.test(a) && plain.test(b)) return a < b ? -1 : a > b ? 1 : 0;
  return Buffer.compare(bytesOf(a), bytesOf(b));
}

/** Where the order of UTF-16 units is that of UTF-8 bytes. */
const plain = /^[\0-\ud7ff]*$/;

function escaped(buffer: Buffer): string {
  let text = "";
  for (let at = 0; at < buffer.length;) {
    const length = lengthAt(buffer, at);
    text +=
      length === 0
        ? String.fromCharCode(0xdc00 + (buffer[at] ?? 0))
        : buffer.toString("utf8", at, at + length);
    at += Math.max(length, 1);
  }
  return text;
}

/** How many bytes the character that begins here has; 0 when none does. */
function lengthAt(buffer: Buffer, at: number): number {
  for (const length of [1, 2, 3, 4]) {
    const piece = buffer.subarray(at, at + length);
    if (piece.length === length && isOneCharacter(piece)) return length;
  }
  return 0;
}

function isOneCharacter(piece: Buffer): boolean {
  const text = piece.toString("utf8");
  return /^.$/su.test(text) && Buffer.from(text).equals(piece);
}
