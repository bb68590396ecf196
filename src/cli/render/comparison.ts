import { relative } from "node:path";
import { printableLine } from "../../base/printable.ts";
import type { FileComparison } from "../../build/compare-files.ts";
import type { BuildOutcome } from "../../build/conclude.ts";
import { checkRows } from "./outcome.ts";

/** What came of a rebuild, file by file, for people. */
export function comparisonText(
  { result, directory }: BuildOutcome,
  files: readonly FileComparison[],
): string {
  const { name, version } = result.source;
  const same = files.filter(({ verdict }) => verdict === "identical").length;
  const compared = files.filter(({ verdict }) => verdict !== "unknown").length;
  const lines = files.map((each) => `  ${words[each.verdict].padEnd(width)}  ${printableLine(each.name)}\n`);
  const checks = checkRows(result).map((row) => `  ${printableLine(row)}\n`);
  const place = relative(process.cwd(), directory) || ".";
  return `${printableLine(`${name} ${version}: ${same} of ${compared} identical; built in ${place}/`)}\n${[...lines, ...checks].join("")}`;
}

const words: Readonly<Record<FileComparison["verdict"], string>> = {
  identical: "identical",
  different: "DIFFERENT",
  missing: "NOT BUILT",
  unknown: "nothing to compare with",
};

const width = Math.max(...Object.values(words).map(({ length }) => length));
