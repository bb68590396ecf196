import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { measure, median } from "./measure.ts";
import { type Sbuild, emptyContainer } from "./rivals.ts";
import { type Bench, type Row, environmentOf } from "./scenarios.ts";
import { dependencyTree, slowTree } from "./sources.ts";

const runs = 3;

/** Ten small packages that need each other: against sbuild, and when nothing has changed. */
export async function chains(bench: Bench): Promise<Row[]> {
  bench.say("a chain of ten small packages");
  const trees = await chainTrees(join(bench.engine.directory, "trees"));
  const words = ["chain", ...trees];
  await fresh(bench, words);
  const warm = await median(runs, () => fresh(bench, words));
  const unchanged = await median(5, () => again(bench, words));
  const container = await emptyContainer(bench.engine, await environmentOf(bench, "sl"));
  const rows: Row[] = [
    {
      what: "An unchanged chain of ten packages, each",
      ours: unchanged / trees.length,
      rival: container,
      unit: "s",
      goal: { kind: "at-most", value: 2 },
    },
  ];
  if (bench.sbuild === null) return rows;
  const rival = await sbuildInSequence(bench.sbuild, trees);
  return [
    {
      what: "A chain of ten small packages, warm",
      ours: warm,
      rival: { name: "sbuild, one after the other", figure: rival },
      unit: "s",
      goal: { kind: "at-least", value: 5 },
    },
    ...rows,
  ];
}

/** Four builds that each keep one processor busy. */
export async function parallelBuilds(bench: Bench): Promise<Row[]> {
  bench.say("four builds at once");
  const directory = join(bench.engine.directory, "trees");
  const names = ["bench-slow-a", "bench-slow-b", "bench-slow-c", "bench-slow-d"];
  const trees = await Promise.all(names.map((name) => slowTree(directory, name)));
  await fresh(bench, ["chain", "-j", "4", ...trees]);
  const together = await median(runs, () => fresh(bench, ["chain", "-j", "4", ...trees]));
  const apart = await median(runs, () => fresh(bench, ["chain", "-j", "1", ...trees]));
  return [
    {
      what: "Four builds at once, each with a phase of one processor",
      ours: together,
      rival: { name: "the same one after the other", figure: apart },
      unit: "s",
      goal: { kind: "at-least", value: 1.6 },
    },
  ];
}

/** What each package needs of the others, by their numbers: the longest way has five of them. */
const needs: readonly (readonly number[])[] = [[], [0], [0], [0], [1], [2], [3], [4, 5], [5, 6], [7, 8]];

function nameOf(number: number): string {
  return `bench-chain-${number}`;
}

function chainTrees(directory: string): Promise<readonly string[]> {
  return Promise.all(
    needs.map((needed, at) =>
      dependencyTree(directory, nameOf(at), ["debhelper-compat (= 13)", ...needed.map(nameOf)]),
    ),
  );
}

/** Seconds of a chain none of whose results are there. */
async function fresh(bench: Bench, words: readonly string[]): Promise<number> {
  await rm(repositoryOf(bench), { recursive: true, force: true });
  return await again(bench, words);
}

async function again(bench: Bench, words: readonly string[]): Promise<number> {
  const { engine, debkiln } = bench;
  await mkdir(engine.environment["DEBKILN_OUTPUT"] ?? "", { recursive: true });
  const place = ["--dist", "trixie", "--max-age", "1h", "--repo", repositoryOf(bench)];
  const { seconds } = await measure({
    argv: [debkiln, ...words, ...place],
    environment: { ...engine.environment, XDG_DATA_HOME: join(engine.directory, "data") },
  });
  return seconds;
}

function repositoryOf({ engine }: Bench): string {
  return join(engine.directory, "repository");
}

/** Seconds of all builds, each with the packages that it needs given by hand. */
async function sbuildInSequence(sbuild: Sbuild, trees: readonly string[]): Promise<number> {
  let seconds = 0;
  for (const [at, tree] of trees.entries()) {
    await execa("dpkg-source", ["--build", tree], { cwd: dirname(tree) });
    const debs = (needs[at] ?? []).map((number) => `${nameOf(number)}_1_all.deb`);
    seconds += await sbuild.build(`${tree}_1.dsc`, { lintian: "none", packages: debs });
  }
  return seconds;
}
