import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { measure } from "./measure.ts";
import type { Bench, Row } from "./scenarios.ts";

/** The process's peak memory while a root filesystem of 3 GB becomes an image. */
export async function largeImage(bench: Bench): Promise<Row[]> {
  bench.say("an image of 3 GB");
  const directory = await mkdtemp(join(bench.engine.directory, "large-"));
  const { peakBytes } = await measure({
    // As bin/debkiln starts Node.
    argv: [
      process.execPath,
      "--max-semi-space-size=1",
      fileURLToPath(new URL("large-image.ts", import.meta.url)),
      directory,
    ],
    environment: { MALLOC_ARENA_MAX: "1" },
  });
  await rm(directory, { recursive: true });
  return [
    {
      what: "Peak memory of dividing and writing an image of 3 GB, 60,000 files",
      ours: peakBytes / 1e6,
      rival: null,
      unit: "MB",
      goal: { kind: "at-most", value: 300 },
    },
  ];
}
