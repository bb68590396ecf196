import { parse, stringify, TomlError } from "smol-toml";
import { Failure } from "./failure.ts";

export interface TomlDocument {
  readonly values: Readonly<Record<string, unknown>>;
  /**
   * The line, from 1, on which a key (or the nearest of its parents) is written; null when it is nowhere. The index of an
   * entry of `[[table]]` is a part of the path: `packages`, `0`, `name`.
   */
  readonly lineOf: (path: readonly string[]) => number | null;
}

/** Reads TOML 1.0. @throws Failure config-syntax (usage), with file:line:column and an excerpt. */
export function parseToml(text: string, file: string): TomlDocument {
  try {
    const values = parse(text);
    const lines = keyLines(text);
    return { values, lineOf: (path) => nearestLine(lines, path) };
  } catch (thrown) {
    if (!(thrown instanceof TomlError)) throw thrown;
    const reason = thrown.message.split("\n")[0]?.replace(/^Invalid TOML document: /, "");
    throw new Failure(
      "usage",
      "config-syntax",
      `${file}:${thrown.line}:${thrown.column}: ${reason}\n${thrown.codeblock.trimEnd()}`,
      { hint: "Mend the TOML at this place.", details: { file, line: thrown.line, column: thrown.column } },
    );
  }
}

/** TOML of some values, keys in their order; members that are undefined are left out. */
export function formatToml(values: Readonly<Record<string, unknown>>): string {
  return stringify(values).replace(/\n*$/, "\n");
}

function nearestLine(lines: ReadonlyMap<string, number>, path: readonly string[]): number | null {
  for (let length = path.length; length > 0; length--) {
    const line = lines.get(path.slice(0, length).join("\0"));
    if (line !== undefined) return line;
  }
  return null;
}

/**
 * Where each key and table of a well-formed document is written. smol-toml does not tell, so the lines are read
 * again: headers, keys at the start of a line and keys of inline tables, multi-line strings passed over.
 */
function keyLines(text: string): Map<string, number> {
  const lines = new Map<string, number>();
  const entries = new Map<string, number>();
  let table: readonly string[] = [];
  for (const { line, number } of statementLines(text)) {
    const header = /^\s*(\[\[?)\s*([^\]]+?)\s*\]/.exec(line);
    if (header?.[2] !== undefined) {
      table = tablePath(splitKey(header[2]), header[1] === "[[", entries);
      remember(lines, table, number);
      continue;
    }
    const key = /^\s*((?:"(?:[^"\\]|\\.)*"|'[^']*'|[\w-]+|\s*\.\s*)+?)\s*=/.exec(line);
    if (key?.[1] === undefined) continue;
    const path = [...table, ...splitKey(key[1])];
    remember(lines, path, number);
    for (const inner of line.slice(key[0].length).matchAll(/[{,]\s*([\w-]+)\s*=/g)) {
      if (inner[1] !== undefined) remember(lines, [...path, inner[1]], number);
    }
  }
  return lines;
}

/** A header's path with the indices of the entries that it adds or lies in. `entries` counts them by the path of their list. */
function tablePath(names: readonly string[], adds: boolean, entries: Map<string, number>): string[] {
  const path: string[] = [];
  for (const [at, name] of names.entries()) {
    path.push(name);
    const list = path.join("\0");
    if (adds && at === names.length - 1) entries.set(list, (entries.get(list) ?? -1) + 1);
    const entry = entries.get(list);
    if (entry !== undefined) path.push(String(entry));
  }
  return path;
}

/** The lines that do not lie inside a multi-line string, with their numbers. */
function* statementLines(text: string): Generator<{ line: string; number: number }> {
  let open: string | null = null;
  let number = 0;
  for (const line of text.split("\n")) {
    number++;
    if (open === null) yield { line, number };
    for (const [mark] of line.matchAll(/"""|'''/g)) {
      if (open === null) open = mark;
      else if (open === mark) open = null;
    }
  }
}

function remember(lines: Map<string, number>, path: readonly string[], number: number): void {
  for (let length = 1; length <= path.length; length++) {
    const key = path.slice(0, length).join("\0");
    if (!lines.has(key)) lines.set(key, number);
  }
}

function splitKey(dotted: string): string[] {
  return [...dotted.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|([\w-]+)/g)].map(
    ([, basic, literal, bare]) => basic ?? literal ?? bare ?? "",
  );
}
