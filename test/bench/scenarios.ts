import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import type { BenchEngine } from "./bench-engine.ts";
import { measure, median, secondsToLine } from "./measure.ts";
import { type Sbuild, bareBuild, emptyContainer, keepSource } from "./rivals.ts";
import { dependencyTree, largeTree } from "./sources.ts";

/** One comparison, in the units of its figures; `goal` bounds their ratio or the figure itself. */
export interface Row {
  readonly what: string;
  readonly ours: number;
  readonly rival: { readonly name: string; readonly figure: number } | null;
  readonly unit: "s" | "MB" | "%";
  readonly goal: { readonly kind: "at-most" | "at-least"; readonly value: number };
}

export interface Bench {
  readonly engine: BenchEngine;
  /** Null when sbuild is not on this machine: its rows are left out. */
  readonly sbuild: Sbuild | null;
  readonly debkiln: string;
  readonly say: (text: string) => void;
}

/** How often short things are measured; the median counts. */
export const runs = 5;

/** First builds, with lintian as both run it by default: the base and lintian's image are there, the dependencies are not. */
export async function firstBuilds(bench: Bench, names: readonly string[]): Promise<Row[]> {
  const { sbuild } = bench;
  if (sbuild === null) return [];
  // So that the base is there, as sbuild's tarball is.
  await debkiln(bench, ["build", "figlet", "--lintian"]);
  const rows: Row[] = [];
  for (const name of names) {
    bench.say(`first build of ${name}`);
    const { seconds } = await debkiln(bench, ["build", name, "--lintian"]);
    const dsc = await keepSource(bench.engine, name);
    rows.push({
      what: `First build of ${name}, dependencies not cached, with lintian`,
      ours: seconds,
      rival: { name: "sbuild", figure: await sbuild.build(dsc, { lintian: "default" }) },
      unit: "s",
      goal: { kind: "at-least", value: 3 },
    });
  }
  return rows;
}

/** Warm builds of a package against nothing but dpkg-buildpackage. */
export async function warmBuild(bench: Bench, name: string, goal: number, times: number): Promise<Row[]> {
  bench.say(`warm build of ${name}`);
  await debkiln(bench, ["build", name]);
  const dsc = await keepSource(bench.engine, name);
  const image = await environmentOf(bench, name);
  const bare = await median(times, () => bareBuild(bench.engine, image, dsc));
  return [
    {
      what: `Warm rebuild of ${name}`,
      ours: await median(times, async () => (await debkiln(bench, ["build", name])).seconds),
      rival: { name: "bare dpkg-buildpackage", figure: bare },
      unit: "s",
      goal: { kind: "at-most", value: goal },
    },
  ];
}

/**
 * Warm builds of a small package against sbuild's: as both come, which is with lintian (whose words of the same bytes debkiln knows), with
 * lintian run each time, and without it in either.
 */
export async function warmBesideSbuild(bench: Bench, name: string): Promise<Row[]> {
  const { sbuild } = bench;
  if (sbuild === null) return [];
  bench.say(`warm build of ${name} beside sbuild`);
  await debkiln(bench, ["build", name, "--lintian"]);
  const dsc = await keepSource(bench.engine, name);
  const checked = await median(3, () => sbuild.build(dsc, { lintian: "default" }));
  const plain = await median(3, () => sbuild.build(dsc, { lintian: "none" }));
  const beside = async (what: string, words: () => readonly string[], figure: number): Promise<Row> => ({
    what: `Warm rebuild of ${name}, ${what}`,
    ours: await median(runs, async () => (await debkiln(bench, ["build", name, ...words()])).seconds),
    rival: { name: "sbuild", figure },
    unit: "s",
    goal: { kind: "at-least", value: 10 },
  });
  return [
    await beside("with lintian", () => ["--lintian"], checked),
    await beside("with lintian run anew", lintianAnew(), checked),
    await beside("without lintian in either", () => [], plain),
  ];
}

/** Words that have lintian run on bytes that it has seen: an option that is another each time, and changes nothing. */
export function lintianAnew(): () => readonly string[] {
  let run = 1000;
  return () => ["--lintian", `--lintian-option=--tag-display-limit=${run++}`];
}

/** What a command costs before it does anything for the user. */
export async function starts(bench: Bench): Promise<Row[]> {
  bench.say("starts");
  const image = await environmentOf(bench, "sl");
  const command = {
    argv: [bench.debkiln, "build", "sl", "--verbose"] as const,
    environment: bench.engine.environment,
  };
  const first = await median(runs, () => secondsToLine(command, /dpkg-buildpackage: info: source package/));
  const rival = await emptyContainer(bench.engine, image);
  const version = await median(9, () => wall([bench.debkiln, "--version"]));
  const node = await median(9, () => wall([process.execPath, "-e", "0"]));
  return [
    {
      what: "Command start to dpkg-buildpackage's first line, warm",
      ours: first,
      rival,
      unit: "s",
      goal: { kind: "at-most", value: 3 },
    },
    {
      what: "`debkiln --version`",
      ours: version,
      rival: { name: "node -e 0", figure: node },
      unit: "s",
      goal: { kind: "at-most", value: 5 },
    },
  ];
}

/** The dependency phase of a package of which all but one dependency are in a cached environment. */
export async function nearEnvironment(bench: Bench): Promise<Row[]> {
  bench.say("near environment");
  const directory = join(bench.engine.directory, "trees");
  const near = ["debhelper-compat (= 13)", "libssl-dev", "python3", "libglib2.0-dev"];
  const first = await dependencyTree(directory, "bench-near", near);
  const second = await dependencyTree(directory, "bench-nearer", [...near, "libcurl4-openssl-dev"]);
  const third = await dependencyTree(directory, "bench-far", [
    ...near,
    "libcurl4-openssl-dev",
    "libxml2-dev",
  ]);
  // The .debs of all are fetched beforehand, so that installing is what is compared.
  await debkiln(bench, ["build", third]);
  await removeEnvironments(bench);
  const far = await dependencyPhase(bench, second);
  await removeEnvironments(bench);
  await debkiln(bench, ["build", first]);
  const close = await dependencyPhase(bench, second);
  return [
    {
      what: "Dependency phase with a near environment cached",
      ours: close,
      rival: { name: "the same from the bare base", figure: far },
      unit: "s",
      goal: { kind: "at-most", value: 0.5 },
    },
  ];
}

/** The process's peak memory while much streams through it. */
export async function memory(bench: Bench): Promise<Row[]> {
  bench.say("memory");
  const tree = await largeTree(join(bench.engine.directory, "trees"), "bench-large", 1024);
  const { peakBytes } = await debkiln(bench, ["build", "--no-arch-any", tree]);
  return [
    {
      what: "Peak memory of the debkiln process, source tree of 1 GiB",
      ours: peakBytes / 1e6,
      rival: null,
      unit: "MB",
      goal: { kind: "at-most", value: 150 },
    },
  ];
}

async function debkiln({ engine, debkiln: program }: Bench, words: readonly string[]) {
  await mkdir(engine.environment["DEBKILN_OUTPUT"] ?? "", { recursive: true });
  return measure({
    argv: [program, ...words, "--dist", "trixie", "--max-age", "1h"],
    environment: engine.environment,
  });
}

/** The environment image that the last build of a package used. */
export async function environmentOf(bench: Bench, name: string): Promise<string> {
  const { output } = await debkiln(bench, ["build", name, "--json"]);
  const key = /"environment":"sha256:([0-9a-f]{64})"/.exec(output)?.[1];
  if (key === undefined) throw new Error(`no environment in the result of ${name}`);
  return `localhost/debkiln/environment:${key}`;
}

async function dependencyPhase(bench: Bench, tree: string): Promise<number> {
  const { output } = await debkiln(bench, ["build", tree, "--json"]);
  const seconds = /"name":"environment","seconds":([\d.]+)/.exec(output)?.[1];
  if (seconds === undefined) throw new Error("no environment phase in the result");
  return Number(seconds);
}

async function removeEnvironments({ engine }: Bench): Promise<void> {
  const [podman, ...words] = engine.podman;
  const filter = ["--filter", "label=debkiln.kind=environment", "--format", "{{.Repository}}:{{.Tag}}"];
  const { stdout } = await execa(podman, [...words, "images", ...filter]);
  const images = stdout.split("\n").filter((line) => line.includes("debkiln/environment"));
  if (images.length > 0) await execa(podman, [...words, "rmi", "--force", ...images]);
}

async function wall(argv: readonly [string, ...string[]]): Promise<number> {
  const begin = performance.now();
  await execa(argv[0], argv.slice(1), { env: { NODE_EXTRA_CA_CERTS: "" } });
  return (performance.now() - begin) / 1000;
}
