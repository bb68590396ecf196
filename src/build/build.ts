import { join } from "node:path";
import type { Report } from "../base/event.ts";
import { type Failure, asFailure } from "../base/failure.ts";
import { makeDirectory } from "../base/make-directory.ts";
import { type Environment, openEnvironment } from "../environment/environment.ts";
import type { Kiln } from "../environment/kiln.ts";
import { type BuildOutcome, conclude } from "./conclude.ts";
import { type Desk, openDesk } from "./desk.ts";
import { type Workplace, executeStep, putSource } from "./execute.ts";
import { failedBuild } from "./failed-build.ts";
import { environmentSections, openingSections } from "./log-sections.ts";
import { planBuild } from "./plan.ts";
import { reapStaging, requireReplaceable, stagingDirectory, unwritable } from "./publish.ts";
import type { BuildRequest } from "./request.ts";
import type { Artifact } from "./result.ts";
import { takeResults } from "./take-results.ts";

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
  const place = join(request.output, plan.name);
  await makeDirectory(request.output).catch((thrown: unknown) => {
    throw unwritable(request.output, thrown);
  });
  for (const each of [place, `${place}.failed`]) await requireReplaceable(each);
  await reapStaging(request.output);
  await using staging = await stagingDirectory(place);
  const desk = await openDesk(plan, staging, report);
  desk.log.write(openingSections(plan, request, version));
  let artifacts: readonly Artifact[] = [];
  let failure: Failure | null = null;
  try {
    for (const warning of plan.warnings) desk.task.warn(warning);
    artifacts = await makeInEnvironment(kiln, request, desk);
  } catch (thrown) {
    failure = asFailure(kiln.signal.aborted ? kiln.signal.reason : thrown);
  }
  return await conclude(request, desk, { artifacts, failure });
}

async function makeInEnvironment(
  kiln: Kiln,
  request: BuildRequest,
  desk: Desk,
): Promise<readonly Artifact[]> {
  const { plan, clock, task } = desk;
  const wanted = {
    target: request.target,
    archive: request.archive,
    request: plan.dependencies,
    subject: plan.source.name,
  };
  clock.enter("environment");
  const environment = await openEnvironment(kiln, wanted, { limits: request.limits }, task);
  desk.environment = environment;
  // Asked beside the build, because the answer takes podman a third of a second. Only the record needs it.
  desk.about = kiln.engine.about().catch(() => null);
  try {
    return await makeInContainer(kiln, request, desk, environment);
  } finally {
    kiln.background.add(environment[Symbol.asyncDispose](), (thrown) =>
      task.warn(`The build's container could not be removed: ${asFailure(thrown).message}`),
    );
  }
}

async function makeInContainer(
  kiln: Kiln,
  request: BuildRequest,
  desk: Desk,
  environment: Environment,
): Promise<readonly Artifact[]> {
  const { plan, log, clock, task } = desk;
  for (const { layer, outcome, reason } of environment.plan.decisions)
    task.note(`${layer}: ${outcome}, ${reason}`);
  log.write(environmentSections(environment.plan));
  clock.enter("unpack");
  const place: Workplace = { environment, log, task, signal: kiln.signal };
  // Unpacking needs no verified environment; building does.
  const verified = Promise.allSettled([environment.verify()]);
  await putSource(request, place);
  try {
    for (const step of plan.steps) {
      clock.enter(step.phase);
      if (step.phase === "build")
        for (const each of await verified) if (each.status === "rejected") throw each.reason;
      await executeStep(step, plan, request, place);
    }
  } catch (thrown) {
    // What the caller wants of the container may be too late, as after a timeout: the build's own failure counts.
    if (!kiln.signal.aborted)
      await request.onFailure?.(failedBuild(kiln, plan, environment)).catch((also: unknown) => {
        task.warn(`The failed build can no longer be looked into: ${asFailure(also).message}`);
      });
    throw thrown;
  }
  clock.enter("collect");
  return await task.step("collect", "Collect the results", async (step) => {
    const taken = {
      container: environment.container,
      name: plan.name,
      log,
      directory: desk.staging.path,
      signal: kiln.signal,
    };
    const { artifacts, spaceKib } = await takeResults(taken);
    desk.spaceKib = spaceKib;
    step.summary = `${artifacts.length} files`;
    return artifacts;
  });
}
