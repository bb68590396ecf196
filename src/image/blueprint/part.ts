import { digestOf } from "../../base/digest.ts";
import type { Notice, PlannedCommand, PlannedEntry } from "../plan.ts";

/** A relation (Debian Policy 7.1) that an image needs to be satisfied, and the key or rule that wants it. */
export interface WantedPackage {
  readonly relation: string;
  readonly from: string;
}

/** What one part of the definition adds to the plan. */
export interface Part {
  readonly packages?: readonly WantedPackage[];
  readonly entries?: readonly PlannedEntry[];
  readonly commands?: readonly PlannedCommand[];
  /** Units by their whole names. */
  readonly enabled?: readonly string[];
  readonly notices?: readonly Notice[];
}

interface Attributes {
  readonly mode?: number;
  readonly user?: string | number;
  readonly group?: string | number;
}

/** A file of this text; root's and readable for all unless it says otherwise. */
export function textFile(
  path: string,
  text: string,
  from: string,
  { mode = 0o644, user = "root", group = "root" }: Attributes = {},
): PlannedEntry {
  const bytes = Buffer.from(text);
  return {
    path,
    type: "file",
    mode,
    user,
    group,
    from,
    sizeBytes: bytes.length,
    digest: digestOf(bytes),
    content: { from: "bytes", bytes },
  };
}

export function symlink(path: string, target: string, from: string): PlannedEntry {
  return { path, type: "symlink", mode: 0o777, user: "root", group: "root", from, target };
}

/** Packages wanted for the same reason. */
export function wanted(from: string, ...relations: readonly string[]): WantedPackage[] {
  return relations.map((relation) => ({ relation, from }));
}

/** Text of lines, each ended. */
export function lines(...each: readonly string[]): string {
  return each.map((line) => `${line}\n`).join("");
}

/** In code point order, which no locale changes. */
export function sorted(words: Iterable<string>): string[] {
  return [...new Set(words)].toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}
