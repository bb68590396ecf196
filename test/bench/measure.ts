import { execa } from "execa";

export interface Measured {
  readonly seconds: number;
  readonly peakBytes: number;
  readonly output: string;
}

export interface Command {
  readonly argv: readonly [string, ...string[]];
  readonly environment?: Readonly<Record<string, string>>;
  readonly directory?: string;
}

/** Runs a command to its end under time(1). Raises when it fails: a failed run has no time. */
export async function measure({ argv, environment = {}, directory }: Command): Promise<Measured> {
  const { stdout, stderr } = await execa("time", ["-f", "debkiln-bench %e %M", ...argv], {
    env: environment,
    stdin: "ignore",
    maxBuffer: 64 * 1024 * 1024,
    ...(directory === undefined ? {} : { cwd: directory }),
  });
  const match = /debkiln-bench ([\d.]+) (\d+)/.exec(stderr);
  return {
    seconds: Number(match?.[1]),
    peakBytes: Number(match?.[2]) * 1024,
    output: `${stdout}\n${stderr}`,
  };
}

/** Seconds from the start of a command to the first line of its output that matches; the command runs on to its end. */
export async function secondsToLine({ argv, environment = {} }: Command, line: RegExp): Promise<number> {
  const begin = performance.now();
  let seen: number | null = null;
  const child = execa(argv[0], argv.slice(1), { env: environment, stdin: "ignore", all: true });
  for await (const text of child.iterable({ from: "all" })) {
    if (seen === null && line.test(text)) seen = performance.now();
  }
  await child;
  if (seen === null) throw new Error(`${argv.join(" ")} never printed ${line}`);
  return (seen - begin) / 1000;
}

/** The median of several runs of a measurement, one after the other. */
export async function median(runs: number, once: () => Promise<number>): Promise<number> {
  const values: number[] = [];
  for (let run = 0; run < runs; run++) values.push(await once());
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  if (middle === undefined) throw new Error("no runs");
  return middle;
}
