// Runs every test, on every engine: sets the host up, starts the engines that are not running, and stops those again.
// The last line is "N passed, N failed", with ", N skipped" when some were. Arguments go to vitest.
import { startEngines } from "./run/engines.ts";
import { prepareHost } from "./run/host.ts";
import { installTools } from "./run/tools.ts";
import { runTests, summaryLine, type Counts } from "./run/vitest.ts";

async function main(): Promise<Counts> {
  const interrupted = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => interrupted.abort());
  const host = await prepareHost();
  await installTools();
  await using engines = await startEngines(host);
  const counts = await runTests(engines.environment, process.argv.slice(2), interrupted.signal);
  for (const { name, reason } of engines.absent) console.log(`\nNot tested on ${name}: ${reason}`);
  const missed = process.env["CI"] === undefined ? 0 : engines.absent.length;
  return { ...counts, failed: counts.failed + missed };
}

try {
  const counts = await main();
  process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
  console.log(summaryLine(counts));
} catch (thrown) {
  console.error(thrown instanceof Error ? thrown.message : thrown);
  process.exitCode = 1;
  console.log(summaryLine({ passed: 0, failed: 1, skipped: 0 }));
}
