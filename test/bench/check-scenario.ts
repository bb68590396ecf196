import { measure, median } from "./measure.ts";
import { keepSource } from "./rivals.ts";
import { type Bench, type Row, lintianAnew } from "./scenarios.ts";

const runs = 3;

/** What the default checks add to a warm build, against what lintian adds to a build by sbuild. */
export async function checks(bench: Bench, name: string): Promise<Row[]> {
  if (bench.sbuild === null) return [];
  bench.say(`default checks of ${name}`);
  const seconds = (words: () => readonly string[]) => async () =>
    (
      await measure({
        argv: [bench.debkiln, "build", name, ...words()],
        environment: bench.engine.environment,
      })
    ).seconds;
  const [plain, checked] = [seconds(() => ["--no-lintian"]), seconds(lintianAnew())];
  // Base, environments and source are there from then on.
  await checked();
  const ours = (await median(runs, checked)) - (await median(runs, plain));
  const dsc = await keepSource(bench.engine, name);
  const bare = await bench.sbuild.build(dsc, { lintian: "none" });
  const rival = (await bench.sbuild.build(dsc, { lintian: "default" })) - bare;
  return [
    {
      what: `Default checks of a warm build of ${name}, run anew`,
      ours,
      rival: { name: "sbuild's lintian", figure: rival },
      unit: "s",
      goal: { kind: "at-most", value: 1.3 },
    },
  ];
}
