import { execa } from "execa";
import { measure, median } from "./measure.ts";
import { emptyContainer } from "./rivals.ts";
import type { Bench, Row } from "./scenarios.ts";

const runs = 5;

/** Work by hand: a shell's prompt, a command and a snapshot, each against starting a container of the same image. */
export async function byHand(bench: Bench): Promise<Row[]> {
  bench.say("work by hand");
  const { engine, debkiln } = bench;
  const seconds = async (...argv: readonly [string, ...string[]]) =>
    (await measure({ argv, environment: engine.environment })).seconds;
  await seconds(debkiln, "env", "init", "--replace", "bench", "--dist", "trixie", "--max-age", "1h");
  await seconds(debkiln, "snapshot", "create", "bench", "before");
  const rival = await emptyContainer(engine, "localhost/debkiln/named/bench:latest");
  const prompt = await median(runs, () => secondsToPrompt(bench, [debkiln, "shell", "--env", "bench"]));
  const exec = await median(runs, () => seconds(debkiln, "exec", "--env", "bench", "--", "true"));
  const restore = await median(runs, async () => {
    await seconds(debkiln, "exec", "--env", "bench", "--save", "--", "touch", "changed");
    return await seconds(debkiln, "snapshot", "restore", "bench", "before");
  });
  const row = (what: string, ours: number): Row => ({
    what,
    ours,
    rival,
    unit: "s",
    goal: { kind: "at-most", value: 3 },
  });
  return [
    row("`debkiln shell --env NAME` to its prompt", prompt),
    row("`debkiln exec --env NAME -- true`", exec),
    row("`debkiln snapshot restore`", restore),
  ];
}

/** Seconds from the start of a command on a terminal of its own to a shell's prompt; the shell is then left. */
async function secondsToPrompt({ engine }: Bench, argv: readonly string[]): Promise<number> {
  const begin = performance.now();
  const child = execa("script", ["-qec", argv.join(" "), "/dev/null"], {
    env: engine.environment,
    all: true,
  });
  let seen = "";
  let at: number | null = null;
  for await (const chunk of child.all) {
    seen += String(chunk);
    if (at !== null || !/\(bench\)\S*\$ /.test(seen)) continue;
    at = performance.now();
    child.stdin.end("exit\n");
  }
  await child;
  if (at === null) throw new Error(`No prompt came: ${seen}`);
  return (at - begin) / 1000;
}
