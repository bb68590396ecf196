import type { Task } from "../base/event.ts";
import { Failure } from "../base/failure.ts";
import type { Container, Limits, RunResult } from "../engine/engine.ts";
import { buildDirectory, builder } from "../environment/builder.ts";
import type { Environment } from "../environment/environment.ts";
import type { BuildLog } from "./build-log.ts";
import type { BuildPlan, Step } from "./plan.ts";
import type { BuildRequest } from "./request.ts";
import { buildFinished, subsubsection } from "./sbuild-log.ts";
import { watched } from "./watch.ts";

/** Where a build happens and what it writes to. */
export interface Workplace {
  readonly environment: Environment;
  readonly log: BuildLog;
  readonly task: Task;
  readonly signal: AbortSignal;
}

/** Puts the source into the environment, owned by the builder. */
export async function putSource(request: BuildRequest, { environment, signal }: Workplace): Promise<void> {
  const tar = request.source.tar({ uid: builder.uid, gid: builder.gid });
  const stop = () => tar.destroy(signal.reason instanceof Error ? signal.reason : undefined);
  signal.addEventListener("abort", stop, { once: true });
  await environment.container.put(buildDirectory, tar);
  signal.removeEventListener("abort", stop);
}

/** Runs one step of the plan as the builder, its output going to the log byte by byte. */
export async function executeStep(
  step: Step,
  plan: BuildPlan,
  request: BuildRequest,
  place: Workplace,
): Promise<void> {
  const { environment, log, task, signal } = place;
  const { container } = environment;
  const { deadlines, diskBytes } = request;
  await task.step(step.phase, step.title, async () => {
    log.write(subsubsection(step.title));
    const result = await watched({ container, log, deadlines, diskBytes, signal }, (signal) =>
      runAsBuilder(container, step, plan, { log, signal, pids: request.limits.pids }),
    );
    if (step.phase === "build") log.write(buildFinished(new Date()));
    if (result.exitCode !== 0) throw stepFailure(step, result, log, request.limits);
  });
}

interface RunPlace {
  readonly log: BuildLog;
  readonly signal: AbortSignal;
  readonly pids: number | undefined;
}

/** The limit of processes stands here too (dash's `ulimit -p`), for engines that cannot set it on the container. */
function runAsBuilder(
  container: Container,
  { argv, directory }: Step,
  plan: BuildPlan,
  { log, signal, pids }: RunPlace,
): Promise<RunResult> {
  const limit = pids === undefined ? "" : `ulimit -p ${pids} 2>/dev/null || :; `;
  return container.run(["sh", "-c", `umask 022; ${limit}${parallel}exec "$@"`, "sh", ...argv], {
    user: `${builder.uid}:${builder.gid}`,
    directory,
    environment: plan.environment,
    stdout: log,
    stderr: log,
    signal,
  });
}

/** As many jobs as there are processors where the build runs, unless the request says. */
const parallel =
  'case " $DEB_BUILD_OPTIONS" in *" parallel="*) ;; *) export DEB_BUILD_OPTIONS="${DEB_BUILD_OPTIONS:+$DEB_BUILD_OPTIONS }parallel=$(nproc)" ;; esac; ';

function stepFailure(step: Step, { exitCode, oomKilled }: RunResult, log: BuildLog, limits: Limits): Failure {
  const details = { exitCode, argv: step.argv };
  if (oomKilled) {
    return new Failure("infrastructure", "out-of-memory", "The build ran out of memory and was killed", {
      hint: "Allow more with --memory, or let it use less with fewer jobs (-j).",
      details,
    });
  }
  if (log.diskFull) {
    return new Failure("infrastructure", "disk-full", "The disk filled up during the build", {
      hint: "Free some space, for example with `debkiln gc`.",
      details,
    });
  }
  if (limits.pids !== undefined && log.tail.some((line) => forkSigns.test(line))) {
    return new Failure(
      "infrastructure",
      "process-limit",
      `${step.title} failed: it could not start more processes (the limit is ${limits.pids})`,
      {
        hint: "Allow more with --pids, or let it use less with fewer jobs (-j).",
        details,
      },
    );
  }
  if (log.tail.some((line) => networkSigns.test(line))) {
    return new Failure(
      "package",
      "network-needed",
      `${step.title} failed, and it seems to want the network, which builds do not have`,
      {
        hint: "Debian Policy 4.9 forbids network access in builds: the source must bring what it needs.",
        details,
      },
    );
  }
  if (step.phase === "unpack") {
    return new Failure(
      "package",
      "unpack-failed",
      `The source does not unpack (dpkg-source: exit code ${exitCode})`,
      {
        hint: "The lines above are dpkg-source's own.",
        details,
      },
    );
  }
  return new Failure("package", "build-failed", `${step.title} failed with exit code ${exitCode}`, {
    hint: "The end of the log tells why; --shell-on-fail opens a shell in the build.",
    details,
  });
}

const forkSigns =
  /[Cc]annot fork|fork: .*(Resource temporarily unavailable|Cannot allocate memory)|unable to fork|fork failed/;

const networkSigns =
  /Temporary failure in name resolution|Could not resolve host|Network is unreachable|Name or service not known|getaddrinfo (ENOTFOUND|EAI_AGAIN)/;
