import { Failure } from "../base/failure.ts";
import { parseChangelogHead } from "./changelog.ts";

/** A changelog entry that alone makes a binary-only rebuild of a source, as a .buildinfo has it. */
export interface BinaryOnlyEntry {
  readonly source: string;
  /** Of the packages: beyond the source's own. */
  readonly version: string;
  /** From head to trailer, with nothing around it. */
  readonly text: string;
}

/**
 * Reads the value of Binary-Only-Changes (deb-buildinfo(5)), which may be anyone's: exactly one entry of deb-changelog(5) whose head
 * has `binary-only=yes`, of printable text. @throws Failure bad-changelog, bad-version (package).
 */
export function parseBinaryOnlyEntry(value: string, origin: string): BinaryOnlyEntry {
  const text = value.replace(/^\n+/, "").trimEnd();
  if (text.length > longest) throw bad(origin, `is longer than ${longest} characters`);
  if (unprintable.test(text)) throw bad(origin, "has control characters in it");
  const { source, version } = parseChangelogHead(text, origin);
  const [head = "", ...lines] = text.split("\n").map((line) => line.trimEnd());
  if (!binaryOnly.test(head)) throw bad(origin, "does not say binary-only=yes in its first line");
  const changes = lines.filter((line) => line !== "");
  const trailer = changes.pop();
  if (changes.length === 0) throw bad(origin, "has no changes between its first line and its last");
  const isOne = trailer?.startsWith(" -- ") === true && changes.every((line) => line.startsWith("  "));
  if (!isOne) throw bad(origin, "does not end with its trailer");
  return { source, version, text: [head, ...lines].join("\n") };
}

/** It becomes one argument of a command, which Linux bounds at 128 KiB (execve(2)); a rebuild's has four lines. */
const longest = 16_384;

/** C0 but tab and line feed, DEL, C1. */
const unprintable = /[\0-\x08\x0b-\x1f\x7f-\x9f]/;

const binaryOnly = /[;,]\s*binary-only=\s*yes\s*(?:,|$)/;

function bad(origin: string, what: string): Failure {
  return new Failure("package", "bad-changelog", `${origin} ${what}`, {
    hint: "It is to be the changelog's entry of a binary-only rebuild, as dpkg-genbuildinfo(1) writes it.",
    details: { origin },
  });
}
