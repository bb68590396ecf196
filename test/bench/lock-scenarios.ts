import { join } from "node:path";
import { measure, median } from "./measure.ts";
import { emptyContainer } from "./rivals.ts";
import { type Bench, type Row, environmentOf } from "./scenarios.ts";

const runs = 5;

/** What locks cost: making one of a source that has not changed, and building by one. */
export async function locks(bench: Bench, name: string): Promise<Row[]> {
  bench.say(`locks of ${name}`);
  const { engine, debkiln } = bench;
  const image = await environmentOf(bench, name);
  const lock = join(engine.directory, `${name}.json`);
  const seconds = async (...argv: readonly [string, ...string[]]) =>
    (await measure({ argv, environment: engine.environment })).seconds;
  const build = [debkiln, "build"] as const;
  const recent = ["--dist", "trixie", "--max-age", "1h"];
  await seconds(debkiln, "lock", name, ...recent, "-o", lock);
  const locking = await median(runs, () => seconds(debkiln, "lock", name, ...recent, "-o", lock));
  const rival = await emptyContainer(engine, image);
  const locked = await median(runs, () => seconds(...build, "--locked", lock, "--offline"));
  const ordinary = await median(runs, () => seconds(...build, name, ...recent));
  return [
    {
      what: `\`debkiln lock ${name}\`, source and archive unchanged`,
      ours: locking,
      rival,
      unit: "s",
      goal: { kind: "at-most", value: 2 },
    },
    {
      what: `Warm rebuild of ${name}, \`--locked --offline\``,
      ours: locked,
      rival: { name: "the same without a lock", figure: ordinary },
      unit: "s",
      goal: { kind: "at-most", value: 1.05 },
    },
  ];
}
