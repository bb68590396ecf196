import { basename, join } from "node:path";
import type { Report, Task } from "../base/event.ts";
import { type Failure, asFailure } from "../base/failure.ts";
import { makeDirectory } from "../base/make-directory.ts";
import { printableLine } from "../base/printable.ts";
import type { Resources } from "../base/resources.ts";
import type { About } from "../engine/engine.ts";
import { openEnvironment } from "../environment/open-environment.ts";
import { buildRecipe } from "../environment/base-recipe.ts";
import type { Confinement } from "../environment/confinement.ts";
import type { Kiln } from "../environment/kiln.ts";
import { openNamedEnvironment } from "../environment/named/open.ts";
import type { EnvironmentPlan } from "../environment/plan.ts";
import { type Checking, beginChecking } from "./check/checking.ts";
import { type BuildOutcome, conclude } from "./conclude.ts";
import { type Deadline, beginDeadline, promptly } from "./deadline.ts";
import { type Desk, openDesk } from "./desk.ts";
import { type Workplace, executeStep, putSource } from "./execute.ts";
import { failedBuild } from "./failed-build.ts";
import { runsAsRoot } from "./hook/hook.ts";
import { type Hooks, hooksOf } from "./hook/hooks.ts";
import { environmentSections, openingSections, sourceSections } from "./log-sections.ts";
import { strayFiles, strayWarning } from "./leftovers.ts";
import { planBuild } from "./plan.ts";
import { runProbes } from "./plugin/probes.ts";
import { reapStaging, requireReplaceable, stagingDirectory, unwritable } from "./publish.ts";
import { type BuildRequest, subjectOf } from "./request.ts";
import type { Artifact } from "./result.ts";
import { addSourceChanges } from "./source-changes.ts";
import { sourceDateEpochOf } from "./source-date.ts";
import { takeResults } from "./take-results.ts";
import { requireConfined, warnOfHostRoot } from "./trust.ts";
import { watched } from "./watch.ts";
import { mountCache, noCache, openCache } from "./use-compiler-cache.ts";

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
  const desk = await openDesk(plan, staging, { report, signal: kiln.signal });
  desk.log.write(openingSections(plan, request, version));
  const about = () => aboutOf(kiln, desk);
  await using checking = beginChecking({ kiln, request, about }, desk);
  const hooks = hooksOf(request, desk);
  let artifacts: readonly Artifact[] = [];
  let failure: Failure | null = null;
  using deadline = beginDeadline(kiln.signal, request.deadlines, { lastOutput: () => outputOf(desk) });
  const { signal } = deadline;
  try {
    for (const { message, hint } of plan.warnings) desk.task.warn(message, hint);
    desk.task.note(plan.execution);
    await hooks.run("pre-build", signal);
    const work = { deadline, checking, hooks };
    artifacts = await promptly(makeInEnvironment({ ...kiln, signal }, request, desk, work), signal);
  } catch (thrown) {
    failure = asFailure(signal.aborted ? signal.reason : thrown);
  }
  deadline[Symbol.dispose]();
  const checks = failure === null ? await checking.run(artifacts) : [];
  const outcome = await conclude(request, desk, { artifacts, checks, failure });
  // What was built stays, but the command did not do all it was told to.
  if (outcome.failure !== null) return outcome;
  const unmet = kiln.signal.aborted ? asFailure(kiln.signal.reason) : hooks.unmet;
  return unmet === null ? outcome : { ...outcome, unmet };
}

/** What is there for the work on a build. */
interface Work {
  readonly deadline: Deadline;
  readonly checking: Checking;
  readonly hooks: Hooks;
}

/** When output came last to what must not be silent here: the installation. Steps of the build watch their own silence. */
function outputOf({ step, log }: Desk): number | null {
  return step.name === "install" ? Math.max(step.since, log.lastOutput) : null;
}

async function makeInEnvironment(
  kiln: Kiln,
  request: BuildRequest,
  desk: Desk,
  { deadline, checking, hooks }: Work,
): Promise<readonly Artifact[]> {
  const { plan, log, clock, task } = desk;
  const wanted = {
    target: request.target,
    archive: request.archive,
    recipe: buildRecipe,
    request: plan.dependencies,
    subject: subjectOf(request),
    locked: request.locked,
  };
  await requireConfined(request.trust, () => aboutOf(kiln, desk));
  clock.enter("environment");
  const limits = { pids: defaultPids, ...request.limits };
  let isPlanned = false;
  const planned = (environment: EnvironmentPlan | null) => {
    if (!isPlanned) log.write(sourceSections(plan, request, environment));
    isPlanned = true;
  };
  const cache = await mountCache(kiln, request);
  const confinement: Confinement = {
    limits,
    // The builder can write to nothing that is kept; a hook of root's can.
    keeping: runsAsRoot(request.hooks) ? "first" : "beside",
    planned,
    provisions: request.provisions,
    keptVolumes: cache === null ? [] : [cache],
  };
  const environment = await (
    request.named === undefined
      ? openEnvironment(kiln, wanted, confinement, task)
      : openNamedEnvironment(kiln, request.named, plan.dependencies, confinement, task)
  ).catch((thrown) => {
    planned(null);
    throw thrown;
  });
  desk.environment = environment;
  clock.book(environment.installed);
  const { signal } = kiln;
  const begun = () => {
    void environment.keep();
    // The answer takes podman a third of a second, and only the record needs it.
    void aboutOf(kiln, desk).then((known) => warnOfHostRoot(request.trust, known, task));
    checking.prepare();
  };
  const measured = (resources: Resources | null) => clock.book(resources);
  const place = { environment, log, task, signal, since: deadline.since, limits, begun, measured };
  try {
    if (request.limits.memoryBytes !== undefined || request.limits.cpus !== undefined)
      await warnOfLimits(kiln, desk);
    return await makeInContainer(kiln, request, desk, { place, deadline, hooks });
  } finally {
    kiln.background.add(environment[Symbol.asyncDispose](), (thrown) =>
      task.warn(`The build's container could not be removed: ${asFailure(thrown).message}`),
    );
  }
}

/** More than any honest build has, less than what would stop a host. */
const defaultPids = 8192;

/** Processes are bounded on any engine; memory and processors are not, which who asked for it must know. */
async function warnOfLimits(kiln: Kiln, desk: Desk): Promise<void> {
  const { task } = desk;
  const about = await aboutOf(kiln, desk);
  if (about === null || about.limits) return;
  task.warn(
    `This ${about.kind} cannot bound memory and processors: --memory and --cpus have no effect`,
    "Rootless engines need cgroups v2 with its controllers delegated: see `debkiln doctor`.",
  );
}

/** What the engine says of itself, asked once; null when it does not say. */
function aboutOf({ engine }: Kiln, desk: Desk): Promise<About | null> {
  return (desk.about ??= engine.about().catch(() => null));
}

async function makeInContainer(
  kiln: Kiln,
  request: BuildRequest,
  desk: Desk,
  work: InContainer,
): Promise<readonly Artifact[]> {
  const { plan, log, task } = desk;
  const { environment } = work.place;
  for (const { layer, outcome, reason } of environment.plan.decisions)
    task.note(`${layer}: ${outcome}, ${reason}`);
  log.write(environmentSections(plan, request, environment.plan, kiln));
  try {
    const bench = { container: environment.container, answers: desk.answers, task, signal: kiln.signal };
    await runProbes(request.plugins, "before", bench);
    try {
      await runSteps(kiln, request, desk, work);
    } finally {
      await runProbes(request.plugins, "after", bench);
    }
    const artifacts = await collectResults(kiln, request, desk, work);
    await work.hooks.runAfter("cleanup", null, kiln.signal);
    return artifacts;
  } catch (thrown) {
    await work.hooks.runAfter("cleanup", asFailure(thrown), kiln.signal);
    throw thrown;
  }
}

interface InContainer extends Omit<Work, "checking"> {
  readonly place: Workplace;
}

async function runSteps(
  kiln: Kiln,
  request: BuildRequest,
  desk: Desk,
  { place, deadline, hooks }: InContainer,
): Promise<void> {
  const { clock, task } = desk;
  const { environment, signal } = place;
  let cache = noCache(desk.plan);
  clock.enter("unpack");
  // Unpacking needs no verified environment; building does, and so do hooks that may change it.
  const verifying = Promise.allSettled([environment.verify()]);
  const verified = async () => {
    for (const each of await verifying) if (each.status === "rejected") throw each.reason;
  };
  try {
    if (hooks.has("setup")) await verified();
    await hooks.run("setup", signal);
    await putSource(request, place);
    for (const step of desk.plan.steps) {
      clock.enter(step.phase);
      if (step.phase === "build") {
        await verified();
        cache = await openCache(kiln, environment.container, request.ccache, desk);
        await hooks.run("starting-build", signal);
      }
      await executeStep(step, cache.plan, request, place);
    }
    await hooks.run("finished-build", signal);
    desk.cacheUse = await cache.count();
  } catch (thrown) {
    // What the caller wants of the container may be too late, as after a timeout: the build's own failure counts.
    const isStopped = kiln.signal.aborted;
    deadline[Symbol.dispose]();
    if (!isStopped) {
      desk.cacheUse = await cache.count();
      await hooks.runAfter("build-failed", asFailure(thrown), signal);
      await request.onFailure?.(failedBuild(kiln, desk.plan, environment)).catch((also: unknown) => {
        task.warn(`The failed build can no longer be looked into: ${asFailure(also).message}`);
      });
    }
    throw thrown;
  }
}

async function collectResults(
  kiln: Kiln,
  request: BuildRequest,
  desk: Desk,
  { place: { environment }, deadline }: InContainer,
): Promise<readonly Artifact[]> {
  const { plan, log, clock, task } = desk;
  clock.enter("collect");
  return await task.step("collect", "Collect the results", async (step) => {
    const { container } = environment;
    const { signal } = kiln;
    const { totalMs, silenceMs } = request.deadlines;
    // Large results come without a byte in the log.
    const deadlines = { totalMs, silenceMs: Math.max(silenceMs, quietestTakingMs) };
    const watch = { container, log, deadlines, since: deadline.since, diskBytes: null, signal };
    const { artifacts, spaceKib, leftovers } = await watched(watch, (signal) =>
      takeResults({ container, name: plan.name, log, directory: desk.staging.path, signal }),
    );
    desk.spaceKib = spaceKib;
    desk.sourceDateEpoch = await sourceDateEpochOf(artifacts);
    warnOfStrayFiles(request, { leftovers, tree: basename(plan.tree) }, artifacts, task);
    const all =
      request.sourceChanges === true
        ? await addSourceChanges(desk.staging.path, plan.stem, artifacts)
        : artifacts;
    step.summary = `${all.length} files`;
    await request.onSuccess?.(failedBuild(kiln, plan, environment));
    return all;
  });
}

function warnOfStrayFiles(
  { source }: BuildRequest,
  { leftovers, tree }: { readonly leftovers: readonly string[]; readonly tree: string },
  artifacts: readonly Artifact[],
  task: Task,
): void {
  const files = [...source.files, ...source.package.files, ...artifacts].map(({ name }) => name);
  const names = [...files, ...source.origTarballs, ...(source.dscName === null ? [] : [source.dscName])];
  const warning = strayWarning(strayFiles(leftovers, { tree, names }));
  if (warning !== null) task.warn(printableLine(warning.message), warning.hint);
}

const quietestTakingMs = 600_000;
