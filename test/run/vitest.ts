import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { z } from "zod";

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** What vitest's json reporter writes, as far as it is counted. */
const Results = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numTodoTests: z.int(),
  testResults: z.array(
    z.object({ status: z.string(), assertionResults: z.array(z.object({ status: z.string() })) }),
  ),
});

/** In milliseconds. A test that holds its worker for ever escapes vitest's own time limits. */
const longestRun = 60 * 60_000;

/** Runs vitest's projects, one after another on the terminal, and counts. */
export async function runTests(
  environment: Readonly<Record<string, string>>,
  flags: readonly string[],
  signal: AbortSignal,
): Promise<Counts> {
  const directory = await mkdtemp(join(tmpdir(), "debkiln-test-"));
  const results = join(directory, "results.json");
  const vitest = fileURLToPath(new URL("../../node_modules/vitest/vitest.mjs", import.meta.url));
  try {
    const { exitCode } = await execa(
      process.execPath,
      [vitest, "run", "--reporter=default", "--reporter=json", `--outputFile.json=${results}`, ...flags],
      { env: environment, stdio: "inherit", reject: false, cancelSignal: signal, timeout: longestRun },
    );
    const text = await readFile(results, "utf8").catch(() => null);
    return count(text === null ? null : Results.parse(JSON.parse(text)), exitCode ?? 1);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** A file that could not be loaded, and a run that failed without a failed test, count as one failure each. */
export function count(results: z.infer<typeof Results> | null, exitCode: number): Counts {
  if (results === null) return { passed: 0, failed: 1, skipped: 0 };
  const unloaded = results.testResults.filter(
    ({ status, assertionResults }) =>
      status === "failed" && !assertionResults.some((assertion) => assertion.status === "failed"),
  ).length;
  const failed = results.numFailedTests + unloaded;
  return {
    passed: results.numPassedTests,
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped: results.numPendingTests + results.numTodoTests,
  };
}

export function summaryLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}
