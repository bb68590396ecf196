import { type Digest, hexOf } from "../base/digest.ts";
import { type Field, formatDeb822 } from "./deb822.ts";

/** What a Release file says of a suite. */
export interface SuiteDescription {
  readonly origin: string;
  readonly label: string;
  readonly suite: string;
  readonly description: string | null;
  /** Without `all`, of which every suite may have packages. */
  readonly architectures: readonly string[];
  readonly components: readonly string[];
  readonly date: Date;
  readonly validUntil: Date | null;
}

/** One index: its path from the suite's directory, its size in bytes and its digest. */
export interface ListedIndex {
  readonly path: string;
  readonly size: number;
  readonly digest: Digest;
}

/**
 * The text of a suite's Release file, as Debian's archive has it: packages for all architectures are in the index of each,
 * and files are found by their digest too (https://wiki.debian.org/DebianRepository/Format).
 */
export function formatRelease(suite: SuiteDescription, indices: readonly ListedIndex[]): string {
  const fields: readonly (Field | null)[] = [
    ["Origin", suite.origin],
    ["Label", suite.label],
    ["Suite", suite.suite],
    ["Codename", suite.suite],
    ["Date", archiveDate(suite.date)],
    suite.validUntil === null ? null : ["Valid-Until", archiveDate(suite.validUntil)],
    ["Acquire-By-Hash", "yes"],
    ["No-Support-for-Architecture-all", "Packages"],
    ["Architectures", ["all", ...suite.architectures].join(" ")],
    ["Components", suite.components.join(" ")],
    suite.description === null ? null : ["Description", suite.description],
    ["SHA256", `\n${indices.map(({ path, size, digest }) => `${hexOf(digest)} ${size} ${path}`).join("\n")}`],
  ];
  return formatDeb822([fields.filter((field) => field !== null)]);
}

/** As apt reads it: RFC 1123 in universal time, `Sat, 01 Mar 2025 12:00:00 UTC`. */
function archiveDate(date: Date): string {
  return date.toUTCString().replace(/GMT$/, "UTC");
}
