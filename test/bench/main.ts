import { readFile, writeFile } from "node:fs/promises";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";
import { startBenchEngine } from "./bench-engine.ts";
import { chains, parallelBuilds } from "./chain-scenarios.ts";
import { checks } from "./check-scenario.ts";
import { byHand } from "./hand-scenarios.ts";
import { images } from "./image-scenarios.ts";
import { largeImage } from "./large-image-scenario.ts";
import { locks } from "./lock-scenarios.ts";
import { isMet, reportText, rowText } from "./report.ts";
import { hasProgram, prepareSbuild } from "./rivals.ts";
import {
  type Bench,
  type Row,
  firstBuilds,
  memory,
  nearEnvironment,
  runs,
  starts,
  warmBesideSbuild,
  warmBuild,
} from "./scenarios.ts";
import { updates } from "./update-scenarios.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const say = (text: string) => process.stderr.write(`${text}\n`);

// `npm run bench -- images` measures only that, and leaves the page of figures as it is.
const chosen = process.argv.slice(2);
const isChosen = (name: string) => chosen.length === 0 || chosen.includes(name);

await using engine = await startBenchEngine();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void stop(signal));
const user = process.env["DEBKILN_TEST_USER"] ?? "debkiln-test";
const isCompared = ["sbuild", "first", "chains", "checks"].some(isChosen) && (await hasProgram("sbuild"));
const sbuild = isCompared ? await prepareSbuild(engine.directory, user) : null;
if (sbuild === null) say("without sbuild: the comparisons with it are left out");
const bench: Bench = { engine, sbuild, debkiln: `${root}bin/debkiln`, say };

// A package that builds for a minute or more; NAME=VERSION where a mirror lacks the newest.
const long = process.env["DEBKILN_BENCH_LONG"] ?? "nginx";

const scenarios: Readonly<Record<string, () => Promise<Row[]>>> = {
  warm: () => warmBuild(bench, "sl", 1.25, runs),
  sbuild: () => warmBesideSbuild(bench, "sl"),
  starts: () => starts(bench),
  locks: () => locks(bench, process.env["DEBKILN_BENCH_LOCKED"] ?? "jq"),
  hand: () => byHand(bench),
  first: () => firstBuilds(bench, ["sl", "libyaml"]),
  checks: () => checks(bench, process.env["DEBKILN_BENCH_CHECKED"] ?? "jq"),
  near: () => nearEnvironment(bench),
  chains: () => chains(bench),
  parallel: () => parallelBuilds(bench),
  memory: () => memory(bench),
  images: () => images(bench),
  updates: () => updates(bench),
  large: () => largeImage(bench),
  long: () => warmBuild(bench, long, 1.05, 2),
};

const rows: Row[] = [];
for (const [name, scenario] of Object.entries(scenarios)) {
  if (!isChosen(name)) continue;
  const measured = await scenario();
  for (const row of measured) say(rowText(row));
  rows.push(...measured);
  if (chosen.length === 0) await writePage();
}
process.stdout.write(await reportText(rows));
process.exitCode = rows.every(isMet) ? 0 : 1;

/** Leaves nothing of the engine behind. Commands that are being measured end with this process at the latest. */
async function stop(signal: NodeJS.Signals): Promise<void> {
  say(`${signal}: removing the benchmark's engine`);
  await engine[Symbol.asyncDispose]();
  process.exit(128 + constants.signals[signal]);
}

/** What people wrote below the figures stays. */
async function writePage(): Promise<void> {
  const page = `${root}docs/benchmarks.md`;
  const before = await readFile(page, "utf8");
  const notes = before.indexOf("\n## Notes\n");
  await writeFile(page, (await reportText(rows)) + (notes === -1 ? "" : before.slice(notes)));
}
