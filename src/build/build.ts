import { join } from "node:path";
import type { Report } from "../base/event.ts";
import { asFailure } from "../base/failure.ts";
import { makeDirectory } from "../base/make-directory.ts";
import type { Kiln } from "../environment/kiln.ts";
import { type Checking, beginChecking } from "./check/checking.ts";
import { type BuildOutcome, type End, conclude } from "./conclude.ts";
import { beginDeadline, promptly } from "./deadline.ts";
import { type Desk, aboutOf, openDesk } from "./desk.ts";
import { type Hooks, hooksOf } from "./hook/hooks.ts";
import { buildInEnvironment } from "./in-environment.ts";
import { openingSections } from "./log-sections.ts";
import { planBuild } from "./plan.ts";
import {
  type StagingDirectory,
  reapStaging,
  requireReplaceable,
  stagingDirectory,
  unwritable,
} from "./publish.ts";
import type { BuildRequest } from "./request.ts";

/**
 * Builds one source package. A failure of the build is part of the outcome; its log is kept beside where the results would
 * be, and results of an earlier build stay.
 * @throws Failure what `planBuild` raises, output-unwritable, output-occupied: before there is a log.
 */
export async function build(
  kiln: Kiln,
  request: BuildRequest,
  { report, version }: { readonly report: Report; readonly version: string },
): Promise<BuildOutcome> {
  const plan = planBuild(request);
  await using staging = await openStaging(request.output, plan.name);
  const desk = await openDesk(plan, staging, { report, signal: kiln.signal });
  desk.log.write(openingSections(plan, request, version));
  await using checking = beginChecking({ kiln, request, about: () => aboutOf(kiln, desk) }, desk);
  const hooks = hooksOf(request, desk);
  const made = await make(kiln, request, desk, { checking, hooks });
  const checks = made.failure === null ? await checking.run(made.artifacts) : [];
  const outcome = await conclude(request, desk, { ...made, checks });
  // What was built stays, but the command did not do all it was told to.
  if (outcome.failure !== null) return outcome;
  const unmet = kiln.signal.aborted ? asFailure(kiln.signal.reason) : hooks.unmet;
  return unmet === null ? outcome : { ...outcome, unmet };
}

async function openStaging(output: string, name: string): Promise<StagingDirectory> {
  await makeDirectory(output).catch((thrown: unknown) => {
    throw unwritable(output, thrown);
  });
  const place = join(output, name);
  for (const each of [place, `${place}.failed`]) await requireReplaceable(each);
  await reapStaging(output);
  return await stagingDirectory(place);
}

/** Builds within the request's deadlines. Whatever ends it is the build's failure. */
async function make(
  kiln: Kiln,
  request: BuildRequest,
  desk: Desk,
  { checking, hooks }: { readonly checking: Checking; readonly hooks: Hooks },
): Promise<Omit<End, "checks">> {
  using deadline = beginDeadline(kiln.signal, request.deadlines, {
    lastOutput: () => outputOf(desk),
    isStep: () => desk.clock.current !== "environment",
  });
  const { signal } = deadline;
  try {
    for (const { message, hint } of desk.plan.warnings) desk.task.warn(message, hint);
    desk.task.note(desk.plan.execution);
    await hooks.run("pre-build", signal);
    const building = { kiln: { ...kiln, signal }, request, desk, deadline, hooks, checking };
    return { artifacts: await promptly(buildInEnvironment(building), signal), failure: null };
  } catch (thrown) {
    return { artifacts: [], failure: asFailure(signal.aborted ? signal.reason : thrown) };
  }
}

/** When output came last to what must not be silent here: the installation. Steps of the build watch their own silence. */
function outputOf({ step, log }: Desk): number | null {
  return step.name === "install" ? Math.max(step.since, log.lastOutput) : null;
}
