import { bytesOf, compareBytes } from "../../oci/raw-text.ts";

/** A path as bootc prints it: quoted for a shell only where it must be (crates/utils/src/path.rs, and Rust's shlex). */
export function quotedPath(path: string): string {
  if (/^[\p{Alphabetic}\p{N}/._,=:-]*$/u.test(path)) return path;
  const text = path.toWellFormed();
  if (!/['\\]/.test(text)) return `'${text}'`;
  if (!/[$`!^]/.test(text)) return `"${text.replace(/["\\]/g, String.raw`\$&`)}"`;
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** A name as Rust's `{:?}` prints it: in double quotes, with escapes, bytes that are no UTF-8 as `\xFF`. */
export function debugName(name: string): string {
  const parts = name
    .split(/([\udc80-\udcff]+)/u)
    .map((part, at) => (at % 2 === 0 ? debugText(part) : debugBytes(part)));
  return `"${parts.join("")}"`;
}

function debugText(text: string): string {
  return text.replace(/["\\\p{C}\p{Zl}\p{Zp}]/gu, (character) => {
    const short = { '"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0" }[character];
    return short ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}

function debugBytes(surrogates: string): string {
  return [...bytesOf(surrogates)].map((byte) => `\\x${byte.toString(16).toUpperCase()}`).join("");
}

/** Puts paths in the order of their components, in which a directory's contents come right after it (Rust's `Path`). */
export function comparePaths(a: string, b: string): number {
  const [left, right] = [a.split("/"), b.split("/")];
  for (const [index, part] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    const order = compareBytes(part, other);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}
