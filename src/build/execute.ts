import type { Writable } from "node:stream";
import type { Task } from "../base/event.ts";
import type { Resources } from "../base/resources.ts";
import type { Container, Limits } from "../engine/engine.ts";
import { buildDirectory, builder } from "../environment/builder.ts";
import type { Environment } from "../environment/environment.ts";
import { type Metered, runMetered } from "../environment/metered.ts";
import type { BuildLog } from "./build-log.ts";
import { endProcesses } from "./end-processes.ts";
import { tellingFirst } from "./first-output.ts";
import type { BuildPlan } from "./plan.ts";
import { type Step, commandOf } from "./step.ts";
import type { BuildRequest } from "./request.ts";
import { buildFinished, subsubsection } from "./sbuild-log.ts";
import { stepFailure } from "./step-failure.ts";
import { watched } from "./watch.ts";

/** Where a build happens and what it writes to. */
export interface Workplace {
  readonly environment: Environment;
  readonly log: BuildLog;
  readonly task: Task;
  readonly signal: AbortSignal;
  /** When the build began, in milliseconds of `performance.now()`. */
  readonly since: number;
  /** How the container is bounded. */
  readonly limits: Limits;
  /** Hears when the build itself has begun: there is time now for what else the engine is wanted for. */
  readonly begun: () => void;
  /** Hears what a step took. */
  readonly measured: (resources: Resources | null) => void;
}

/** Puts the source into the environment, owned by the builder. */
export async function putSource(request: BuildRequest, { environment, signal }: Workplace): Promise<void> {
  const tar = request.source.tar({ uid: builder.uid, gid: builder.gid });
  await environment.container.put(buildDirectory, tar, signal);
}

/** Runs one step of the plan as the builder, its output going to the log byte by byte. */
export async function executeStep(
  step: Step,
  plan: BuildPlan,
  request: BuildRequest,
  place: Workplace,
): Promise<void> {
  const { environment, log, task, signal, since, limits, begun, measured } = place;
  const { container } = environment;
  const { deadlines, diskBytes, provisions } = request;
  const inMemory = provisions?.tmpfs.map(({ path }) => path) ?? [];
  const end = async (work: Promise<unknown>) => {
    log.write("\nThey get SIGTERM now, and SIGKILL in five seconds.\n\n");
    return await endProcesses(container, work);
  };
  await task.step(step.phase, step.title, async () => {
    log.write(subsubsection(step.title));
    const output = step.phase === "build" ? tellingFirst(log, begun) : log;
    const { result, resources } = await watched(
      { container, log, deadlines, since, diskBytes, inMemory, signal, end },
      (signal) =>
        runAsBuilder(container, { ...step, argv: commandOf(step, request) }, plan, {
          output,
          signal,
          pids: limits.pids,
        }),
    );
    measured(resources);
    if (step.phase === "build") log.write(buildFinished(new Date()));
    const isLookedAt = request.onFailure !== null;
    if (result.exitCode !== 0)
      throw await stepFailure({ step, result, log, limits, container, signal, isLookedAt });
  });
}

interface RunPlace {
  readonly output: Writable;
  readonly signal: AbortSignal;
  readonly pids: number | undefined;
}

/**
 * Where the engine could not set the limit of processes on the container, it stands here (dash's `ulimit -p`). Not elsewhere:
 * that one counts the user's processes in all containers, and tells nobody that it was passed.
 */
function runAsBuilder(
  container: Container,
  { argv, directory }: Step,
  plan: BuildPlan,
  { output, signal, pids }: RunPlace,
): Promise<Metered> {
  const limit =
    pids === undefined ? "" : `${ownLimit} [ "$own" = ${pids} ] || ulimit -p ${pids} 2>/dev/null || :; `;
  const command = ["sh", "-c", `umask 022; ${limit}${parallel}exec "$@"`, "sh", ...argv];
  return runMetered(container, command, {
    user: `${builder.uid}:${builder.gid}`,
    directory,
    environment: { ...plan.environment, ...plan.cacheEnvironment },
    output,
    place: "/build",
    signal,
  });
}

const ownLimit =
  "own=; for file in /sys/fs/cgroup/pids.max /sys/fs/cgroup/pids/pids.max; do [ ! -r $file ] || read -r own < $file; done;";

/** As many jobs as there are processors where the build runs, unless the request says. */
const parallel =
  'case " $DEB_BUILD_OPTIONS" in *" parallel="*) ;; *) export DEB_BUILD_OPTIONS="${DEB_BUILD_OPTIONS:+$DEB_BUILD_OPTIONS }parallel=$(nproc)" ;; esac; ';
