import type { CheckOutcome, CheckStatus } from "./outcome.ts";

/** The text of autopkgtest's `summary` file: a line for each test (autopkgtest(1), OUTPUT FORMAT). */
export function testSummary(parts: CheckOutcome["parts"]): string {
  return parts
    .map(({ name, status, summary }) => {
      const words = lineWords.get(status) ?? "FAIL";
      const reason = status === "pass" && summary === "" ? "" : ` ${summary}`;
      return `${name.padEnd(20)} ${words}${reason}\n`;
    })
    .join("");
}

const lineWords: ReadonlyMap<CheckStatus, string> = new Map([
  ["pass", "PASS"],
  ["none", "SKIP"],
  ["warn", "FLAKY"],
]);

/** autopkgtest's exit code for the same (autopkgtest(1), EXIT STATUS). */
export function testExitCode(parts: CheckOutcome["parts"]): number {
  const has = (wanted: CheckStatus) => parts.some(({ status }) => status === wanted);
  if (has("error")) return 16;
  const isIncomplete = has("none") || has("warn");
  const bad = parts.filter(({ status }) => status === "fail" || status === "timeout");
  if (bad.some(({ summary }) => summary.startsWith("badpkg"))) return isIncomplete ? 14 : 12;
  if (bad.length > 0) return isIncomplete ? 6 : 4;
  const counts = parts.some(
    ({ status, summary }) => status === "warn" || (status === "pass" && summary === ""),
  );
  if (!counts) return 8;
  return isIncomplete ? 2 : 0;
}
