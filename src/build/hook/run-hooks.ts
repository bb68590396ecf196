import { type Task, throwIfAborted } from "../../base/event.ts";
import type { Environment } from "../../environment/environment.ts";
import type { BuildLog } from "../build-log.ts";
import type { BuildPlan } from "../plan.ts";
import type { BuildRequest } from "../request.ts";
import { subsubsection } from "../sbuild-log.ts";
import { HookContext, type Progress, contextOf, variablesOf } from "./context.ts";
import type { Hook, HookOutcome } from "./hook.ts";
import { runInContainer } from "./in-container.ts";
import { runOnHost } from "./on-host.ts";
import type { HookPoint } from "./point.ts";
import { type HookEnd, type HookRun, hookFailure } from "./run-hook.ts";

/** Where hooks run, and what they are told. */
export interface HookPlace {
  readonly request: BuildRequest;
  readonly plan: BuildPlan;
  /** Null where no container of the build's is. */
  readonly environment: Environment | null;
  readonly progress: Progress;
  /** Where hooks on the host begin. */
  readonly directory: string;
  readonly log: BuildLog;
  readonly task: Task;
  readonly signal: AbortSignal;
  /** Hears of each that ended. */
  readonly ended: (outcome: HookOutcome) => void;
}

/**
 * Runs the hooks of a point one after the other, their output going to the log. The first that fails is the last.
 * @throws Failure hook-failed, hook-timeout (infrastructure), and what the engine raises.
 */
export async function runHooks(point: HookPoint, place: HookPlace): Promise<void> {
  for (const hook of place.request.hooks ?? []) if (hook.point === point) await runHook(hook, place);
}

async function runHook(hook: Hook, place: HookPlace): Promise<void> {
  const { task, log, signal, ended } = place;
  const where = hook.place === "host" ? "on the host" : `in the container as ${hook.user}`;
  const title = `Hook ${hook.name} at ${hook.point}, ${where}`;
  throwIfAborted(signal);
  const begin = performance.now();
  let status: HookOutcome["status"] = "failed";
  try {
    await task.step(`hook-${hook.name}`, title, async () => {
      // What was written to the log so far is in its file then, and shown as of the step before.
      await log.append(subsubsection(title));
      const failure = hookFailure(hook, await run(hook, place));
      throwIfAborted(signal);
      if (failure !== null) throw failure;
      status = "done";
    });
  } finally {
    const { name, point } = hook;
    const seconds = Math.round(performance.now() - begin) / 1000;
    ended({ name, point, place: hook.place, status, seconds });
  }
}

async function run(hook: Hook, place: HookPlace): Promise<HookEnd> {
  const { request, plan, environment, progress, log, signal, directory } = place;
  const context = HookContext.parse(contextOf(hook, request, plan, progress));
  const input = `${JSON.stringify(context)}\n`;
  const asked: HookRun = { hook, input, variables: variablesOf(context), output: log, signal };
  if (hook.place === "host") return await runOnHost(asked, { directory, environment: process.env });
  if (environment === null) throw new Error(`There is no container at ${hook.point}`);
  return await runInContainer(asked, environment.container, plan);
}
