import { asFailure } from "../base/failure.ts";
import type { Limits } from "../engine/engine.ts";
import { aboutOf } from "./desk.ts";
import { type Workplace, executeStep, putSource } from "./execute.ts";
import { failedBuild } from "./failed-build.ts";
import { keepFiles } from "./keep-files.ts";
import type { BuildInEnvironment } from "./running-build.ts";
import { warnOfHostRoot } from "./trust.ts";
import { type CacheInUse, noCache, openCache } from "./use-compiler-cache.ts";

/**
 * Puts the source into the environment and runs the steps of the plan there, with the user's hooks between them. A failure can
 * be looked into by the user before it goes on.
 * @throws Failure what `executeStep`, hooks and `verify` of the environment raise.
 */
export async function runSteps(build: BuildInEnvironment, limits: Limits): Promise<void> {
  const { kiln, request, desk, environment, hooks } = build;
  const { signal } = kiln;
  const place = workplaceOf(build, limits);
  let cache = noCache(desk.plan);
  desk.clock.enter("unpack");
  // Unpacking needs no verified environment; building does, and so do hooks that may change it.
  const verified = environment.verify();
  // Raised where it is awaited; before that, nobody hears it yet.
  verified.catch(() => undefined);
  try {
    if (hooks.has("setup")) await verified;
    await hooks.run("setup", signal);
    await putSource(request, place);
    for (const step of desk.plan.steps) {
      desk.clock.enter(step.phase);
      if (step.phase === "build") {
        await verified;
        cache = await openCache(kiln, environment.container, request.ccache, desk);
        await hooks.run("starting-build", signal);
      }
      await executeStep(step, cache.plan, request, place);
    }
    await hooks.run("finished-build", signal);
    await keepFiles(request, desk, environment.container, signal);
    desk.cacheUse = await cache.count();
  } catch (thrown) {
    await lookInto(thrown, build, cache);
    throw thrown;
  }
}

function workplaceOf(
  { kiln, request, desk, deadline, checking, environment }: BuildInEnvironment,
  limits: Limits,
): Workplace {
  const { log, task, clock } = desk;
  return {
    environment,
    log,
    task,
    signal: kiln.signal,
    since: deadline.since,
    limits,
    begun: () => {
      void environment.keep();
      // The answer takes podman a third of a second, and only the record needs it.
      void aboutOf(kiln, desk).then((known) => warnOfHostRoot(request.trust, known, task));
      checking.prepare();
    },
    measured: (resources) => clock.book(resources),
  };
}

/** Lets the user see what failed, unless the build was told to stop. */
async function lookInto(thrown: unknown, build: BuildInEnvironment, cache: CacheInUse): Promise<void> {
  const { kiln, request, desk, deadline, hooks, environment } = build;
  const isStopped = kiln.signal.aborted;
  // What the caller wants of the container may be too late, as after a timeout: the build's own failure counts.
  deadline[Symbol.dispose]();
  if (isStopped) return;
  desk.cacheUse = await cache.count();
  await keepFiles(request, desk, environment.container, kiln.signal);
  await hooks.runAfter("build-failed", asFailure(thrown), kiln.signal);
  await request.onFailure?.(failedBuild(kiln, desk.plan, environment)).catch((also: unknown) => {
    desk.task.warn(`The failed build can no longer be looked into: ${asFailure(also).message}`);
  });
}
