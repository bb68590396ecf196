import { join } from "node:path";
import { type Report, Task } from "../../base/event.ts";
import { asFailure } from "../../base/failure.ts";
import type { Kiln } from "../../environment/kiln.ts";
import { BuildLog } from "../build-log.ts";
import type { BuildOutcome } from "../conclude.ts";
import { planBuild } from "../plan.ts";
import type { BuildRequest } from "../request.ts";
import { failureRecord } from "../result.ts";
import { runHooks } from "./run-hooks.ts";

/**
 * Runs the hooks of a build that has ended: `post-build` when all went well that had to, else `failed`. Their output goes to the
 * end of its log. What goes wrong with a hook leaves the results where they are: it is the outcome's `unmet`, or a warning
 * where something else has failed before.
 */
export async function afterBuild(
  kiln: Kiln,
  request: BuildRequest,
  outcome: BuildOutcome,
  report: Report,
): Promise<BuildOutcome> {
  const { result, directory } = outcome;
  const failure = outcome.failure ?? outcome.unmet;
  const point = failure === null ? "post-build" : "failed";
  if (kiln.signal.aborted || !(request.hooks ?? []).some((each) => each.point === point)) return outcome;
  const plan = planBuild(request);
  let path = [`${plan.source.name}_${plan.source.version}`];
  const task = new Task((event) => {
    if (event.type === "started") path = [...event.path];
    if (event.type === "finished") path = event.path.slice(0, -1);
    report(event);
  }, path);
  const phase = result.failure?.phase ?? "checks";
  const { status } = result;
  try {
    const log = await BuildLog.open(join(directory, `${plan.name}.build`), {
      limitBytes: longestOutput,
      tee: (text) => report({ type: "log", path, time: Date.now(), text }),
    });
    try {
      await runHooks(point, {
        request,
        plan,
        environment: null,
        progress: {
          container: null,
          directory,
          artifacts: status === "successful" ? result.artifacts : [],
          failure: failure === null ? null : failureRecord(failure, phase),
        },
        directory,
        log,
        task,
        signal: kiln.signal,
        ended: () => undefined,
      });
    } finally {
      await log.close();
    }
    return outcome;
  } catch (thrown) {
    const late = asFailure(kiln.signal.aborted ? kiln.signal.reason : thrown);
    if (failure === null) return { ...outcome, unmet: late };
    task.warn(late.message, late.hint);
    return outcome;
  }
}

/** More than any hook prints. */
const longestOutput = 256 * 1024 ** 2;
