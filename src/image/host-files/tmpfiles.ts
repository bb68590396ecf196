import { bytesOf, textOf } from "../../oci/raw-text.ts";
import { linesOf, malformed } from "./malformed.ts";

/** One line of a tmpfiles.d file, as far as it says what there will be (tmpfiles.d(5)). */
export interface TmpfilesLine {
  /** The type letter with its modifiers, such as `d` or `L+`. */
  readonly type: string;
  /** Unescaped. */
  readonly path: string;
}

/** The lines of a tmpfiles.d file. @throws Failure bad-host-file (package). */
export function parseTmpfiles(text: string): readonly TmpfilesLine[] {
  return linesOf(text).flatMap((line) => (line === "" || line.startsWith("#") ? [] : [lineOf(line)]));
}

const hint = "Mend or remove this line; tmpfiles.d(5) has the form.";

function lineOf(line: string): TmpfilesLine {
  const match = /^[ \t\n\f\r]*([^ \t\n\f\r]+)[ \t\n\f\r]*(.*)$/s.exec(line);
  if (match === null) throw malformed(`Malformed tmpfiles.d line ${line}`, hint);
  const [, type = "", rest = ""] = match;
  return { type, path: unescapePath(rest) };
}

/** A path that ends at white space or, when it is quoted, at the quote; C escapes as systemd and bootc take them. */
function unescapePath(text: string): string {
  const quoted = text.startsWith('"');
  const written = (quoted ? /^"((?:[^"\\]|\\[^])*)/ : /^((?:[^ \t\n\f\r\\]|\\[^])*)/).exec(text)?.[1] ?? "";
  const isCut = text.charAt((quoted ? 1 : 0) + written.length) === "\\";
  if (isCut) throw malformed("Malformed tmpfiles.d", hint);
  const parts = written
    .split(/(\\(?:x..|[^]))/s)
    .map((part, at) => (at % 2 === 0 ? bytesOf(part) : unescaped(part)));
  return textOf(Buffer.concat(parts));
}

function unescaped(escape: string): Buffer {
  const digits = /^\\x([0-9a-fA-F]{2})$/.exec(escape)?.[1];
  const character = digits === undefined ? plainEscapes.get(escape) : Buffer.from(digits, "hex");
  if (character === undefined) throw malformed("Malformed tmpfiles.d", hint);
  return Buffer.from(character);
}

const plainEscapes = new Map([
  [String.raw`\\`, "\\"],
  [String.raw`\n`, "\n"],
  [String.raw`\r`, "\r"],
  [String.raw`\t`, "\t"],
]);

/** A path or link target as a tmpfiles.d line takes it. */
export function escapeTmpfilesPath(path: string): string {
  return [...bytesOf(path)].map(escapedByte).join("");
}

function escapedByte(byte: number): string {
  const character = String.fromCharCode(byte);
  if (/^[!-[\]-~]$/.test(character)) return character;
  const short = { "\\": String.raw`\\`, "\n": String.raw`\n`, "\t": String.raw`\t`, "\r": String.raw`\r` }[
    character
  ];
  return short ?? `\\x${byte.toString(16).padStart(2, "0")}`;
}
