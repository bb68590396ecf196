import { basename } from "node:path";
import { printableLine } from "../base/printable.ts";
import { failedBuild } from "./failed-build.ts";
import { strayFiles, strayWarning } from "./leftovers.ts";
import type { Artifact } from "./result.ts";
import type { BuildInEnvironment } from "./running-build.ts";
import { addSourceChanges } from "./source-changes.ts";
import { sourceDateEpochOf } from "./source-date.ts";
import { type Taken, takeResults } from "./take-results.ts";
import { watched } from "./watch.ts";

/**
 * Takes what a build that succeeded gave into its staging directory.
 * @throws Failure what `takeResults` and `addSourceChanges` raise, timeout (package).
 */
export async function collectResults(build: BuildInEnvironment): Promise<readonly Artifact[]> {
  const { kiln, request, desk, environment } = build;
  desk.clock.enter("collect");
  return await desk.task.step("collect", "Collect the results", async (step) => {
    const taken = await take(build);
    const { artifacts } = taken;
    desk.spaceKib = taken.spaceKib;
    desk.sourceDateEpoch = await sourceDateEpochOf(artifacts);
    warnOfStrayFiles(build, taken);
    const all =
      request.sourceChanges === true
        ? await addSourceChanges(desk.staging.path, desk.plan.stem, artifacts)
        : artifacts;
    step.summary = `${all.length} files`;
    await request.onSuccess?.(failedBuild(kiln, desk.plan, environment));
    return all;
  });
}

async function take({ kiln, request, desk, deadline, environment }: BuildInEnvironment): Promise<Taken> {
  const { plan, log, staging } = desk;
  const { container } = environment;
  const { totalMs, silenceMs } = request.deadlines;
  // Large results come without a byte in the log.
  const deadlines = { totalMs, silenceMs: Math.max(silenceMs, quietestTakingMs) };
  const watch = { container, log, deadlines, since: deadline.since, diskBytes: null, signal: kiln.signal };
  return await watched(watch, (signal) =>
    takeResults({ container, name: plan.name, log, directory: staging.path, signal }),
  );
}

const quietestTakingMs = 600_000;

function warnOfStrayFiles(
  { request: { source }, desk }: BuildInEnvironment,
  { leftovers, artifacts }: Taken,
): void {
  const files = [...source.files, ...source.package.files, ...artifacts].map(({ name }) => name);
  const names = [...files, ...source.origTarballs, ...(source.dscName === null ? [] : [source.dscName])];
  const warning = strayWarning(strayFiles(leftovers, { tree: basename(desk.plan.tree), names }));
  if (warning !== null) desk.task.warn(printableLine(warning.message), warning.hint);
}
