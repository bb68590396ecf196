import { asFailure } from "../base/failure.ts";
import type { Limits } from "../engine/engine.ts";
import { buildRecipe } from "../environment/base-recipe.ts";
import type { Confinement } from "../environment/confinement.ts";
import type { Environment } from "../environment/environment.ts";
import { openNamedEnvironment } from "../environment/named/open.ts";
import { openEnvironment } from "../environment/open-environment.ts";
import type { EnvironmentPlan } from "../environment/plan.ts";
import { collectResults } from "./collect-results.ts";
import { aboutOf } from "./desk.ts";
import { runsAsRoot } from "./hook/hook.ts";
import { environmentSections, sourceSections } from "./log-sections.ts";
import { runProbes } from "./plugin/probes.ts";
import { subjectOf } from "./request.ts";
import type { Artifact } from "./result.ts";
import { runSteps } from "./run-steps.ts";
import type { BuildInEnvironment, RunningBuild } from "./running-build.ts";
import { requireConfined } from "./trust.ts";
import { mountCache } from "./use-compiler-cache.ts";

/**
 * Builds in the environment that the request needs. Its container is removed beside whatever comes next.
 * @throws Failure what `requireConfined`, `openEnvironment`, `runSteps` and `collectResults` raise.
 */
export async function buildInEnvironment(build: RunningBuild): Promise<readonly Artifact[]> {
  const { kiln, request, desk } = build;
  await requireConfined(request.trust, () => aboutOf(kiln, desk));
  desk.clock.enter("environment");
  const limits = { pids: defaultPids, ...request.limits };
  const environment = await open(build, limits);
  desk.environment = environment;
  desk.clock.book(environment.installed);
  try {
    await warnOfUnbounded(build);
    return await buildInContainer({ ...build, environment }, limits);
  } finally {
    kiln.background.add(environment[Symbol.asyncDispose](), (thrown) =>
      desk.task.warn(`The build's container could not be removed: ${asFailure(thrown).message}`),
    );
  }
}

/** More than any honest build has, less than what would stop a host. */
const defaultPids = 8192;

/** Opens the environment. What it will be is in the log before it is made; without it, when that is not known. */
async function open({ kiln, request, desk }: RunningBuild, limits: Limits): Promise<Environment> {
  const { plan, log, task } = desk;
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
  try {
    if (request.named !== undefined)
      return await openNamedEnvironment(kiln, request.named, plan.dependencies, confinement, task);
    const { target, archive, locked } = request;
    const subject = subjectOf(request);
    const wanted = { target, archive, recipe: buildRecipe, request: plan.dependencies, subject, locked };
    return await openEnvironment(kiln, wanted, confinement, task);
  } catch (thrown) {
    planned(null);
    throw thrown;
  }
}

/** Processes are bounded on any engine; memory and processors are not, which who asked for it must know. */
async function warnOfUnbounded({ kiln, request: { limits }, desk }: RunningBuild): Promise<void> {
  if (limits.memoryBytes === undefined && limits.cpus === undefined) return;
  const about = await aboutOf(kiln, desk);
  if (about === null || about.limits) return;
  desk.task.warn(
    `This ${about.kind} cannot bound memory and processors: --memory and --cpus have no effect`,
    "Rootless engines need cgroups v2 with its controllers delegated: see `debkiln doctor`.",
  );
}

async function buildInContainer(build: BuildInEnvironment, limits: Limits): Promise<readonly Artifact[]> {
  const { kiln, request, desk, environment, hooks } = build;
  tellOfEnvironment(build);
  const { container } = environment;
  const bench = { container, answers: desk.answers, task: desk.task, signal: kiln.signal };
  try {
    await runProbes(request.plugins, "before", bench);
    try {
      await runSteps(build, limits);
    } finally {
      await runProbes(request.plugins, "after", bench);
    }
    const artifacts = await collectResults(build);
    await hooks.runAfter("cleanup", null, kiln.signal);
    return artifacts;
  } catch (thrown) {
    await hooks.runAfter("cleanup", asFailure(thrown), kiln.signal);
    throw thrown;
  }
}

/** Which of the environment's layers were there, and what it is. */
function tellOfEnvironment({ kiln, request, desk, environment }: BuildInEnvironment): void {
  const { plan } = environment;
  for (const { layer, outcome, reason } of plan.decisions) desk.task.note(`${layer}: ${outcome}, ${reason}`);
  desk.log.write(environmentSections(desk.plan, request, plan, kiln));
}
