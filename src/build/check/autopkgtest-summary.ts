import { printableLine } from "../../base/printable.ts";
import type { CheckOutcome, CheckStatus } from "./outcome.ts";

/**
 * The text of autopkgtest's `summary` file: a line for each test, and what else it writes of packages that do not install and of a
 * test bed that fails (autopkgtest(1), OUTPUT FORMAT). `source` is whom it blames.
 */
export function testSummary(parts: CheckOutcome["parts"], source: string): string {
  if (parts.length === 0) return line("*", "SKIP no tests in this package");
  return parts.map((part) => linesOf(part, source)).join("");
}

function linesOf({ name, status, summary }: CheckOutcome["parts"][number], source: string): string {
  if (status === "pass") return line(name, summary === "" ? "PASS" : `PASS ${summary}`);
  if (status === "none") return line(name, `SKIP ${summary}`);
  if (status === "warn") return line(name, `FLAKY ${summary}`);
  if (status === "timeout") return line(name, "FAIL timed out");
  if (status === "error") return `testbed failure: ${name}: ${printableLine(summary)}\n`;
  if (isBadPackage(summary)) return `${line(name, "FAIL badpkg")}blame: dsc:${source}\n${summary}\n`;
  return line(name, `FAIL ${summary}`);
}

function line(name: string, words: string): string {
  return `${name.padEnd(20)} ${words}\n`;
}

function isBadPackage(summary: string): boolean {
  return summary.startsWith("badpkg: ");
}

/** autopkgtest's exit code for the same (autopkgtest(1), EXIT STATUS); a flaky test that fails says as little as one that is skipped. */
export function testExitCode(parts: CheckOutcome["parts"]): number {
  const has = (wanted: CheckStatus) => parts.some(({ status }) => status === wanted);
  if (has("error")) return 16;
  const isIncomplete = has("none") || has("warn");
  const bad = parts.filter(({ status }) => status === "fail" || status === "timeout");
  if (bad.some(({ summary }) => isBadPackage(summary))) return isIncomplete ? 14 : 12;
  if (bad.length > 0) return isIncomplete ? 6 : 4;
  const counts = parts.some(({ status, summary }) => status === "pass" && summary === "");
  if (!counts) return 8;
  return isIncomplete ? 2 : 0;
}
