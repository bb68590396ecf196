import { throwIfAborted } from "../../base/event.ts";
import { type Failure, asFailure } from "../../base/failure.ts";
import type { Desk } from "../desk.ts";
import type { BuildRequest } from "../request.ts";
import { failureRecord } from "../result.ts";
import { runHooks } from "./run-hooks.ts";
import type { HookPoint } from "./point.ts";

/** The hooks of a running build, up to where its results are handed over. */
export interface Hooks {
  /** Whether any is to run there. */
  has(point: HookPoint): boolean;
  /** Runs those of a point. @throws Failure hook-failed, hook-timeout (infrastructure). */
  run(point: HookPoint, signal: AbortSignal): Promise<void>;
  /** As `run`, where the build's end is decided already: what goes wrong is a warning. */
  runAfter(point: HookPoint, failure: Failure | null, signal: AbortSignal): Promise<void>;
  /** The first failure of those that ran after the build had succeeded; null when there is none. */
  readonly unmet: Failure | null;
}

/** The hooks that a request wants, for a build at this desk. */
export function hooksOf(request: BuildRequest, desk: Desk): Hooks {
  let unmet: Failure | null = null;
  const run = (point: HookPoint, failure: Failure | null, signal: AbortSignal) =>
    runHooks(point, {
      request,
      plan: desk.plan,
      environment: desk.environment,
      progress: {
        container: desk.environment?.container.name ?? null,
        directory: null,
        artifacts: [],
        failure: failure === null ? null : failureRecord(failure, desk.clock.current),
      },
      directory: request.output,
      log: desk.log,
      task: desk.task,
      signal,
      ended: (outcome) => desk.hooks.push(outcome),
    });
  return {
    has: (point) => request.hooks?.some((each) => each.point === point) ?? false,
    run: (point, signal) => run(point, null, signal),
    runAfter: async (point, failure, signal) => {
      if (signal.aborted) return;
      try {
        await run(point, failure, signal);
      } catch (thrown) {
        throwIfAborted(signal);
        const late = asFailure(thrown);
        desk.task.warn(late.message, late.hint);
        if (failure === null) unmet ??= late;
      }
    },
    get unmet() {
      return unmet;
    },
  };
}
