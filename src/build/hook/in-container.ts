import { Readable } from "node:stream";
import { asFailure } from "../../base/failure.ts";
import type { Container } from "../../engine/engine.ts";
import { builder } from "../../environment/builder.ts";
import type { BuildPlan } from "../plan.ts";
import type { HookEnd, HookRun } from "./run-hook.ts";

/** Between the end that timeout(1) puts to a command inside, and that of the container from outside. */
const patienceMs = 10_000;
const lateExitCodes: ReadonlySet<number> = new Set([124, 137]);

/**
 * Runs a hook's command in the build's container, in the source's tree once there is one. Its time is bounded inside, so that the
 * container outlives it, and from outside in case that does not help: the container ends then.
 */
export async function runInContainer(
  { hook, input, variables, signal, output }: HookRun,
  container: Container,
  plan: BuildPlan,
): Promise<HookEnd> {
  const seconds = (hook.timeoutMs / 1000).toFixed(1);
  const late = AbortSignal.timeout(hook.timeoutMs + patienceMs);
  const begin = performance.now();
  try {
    const { exitCode } = await container.run(["sh", "-c", script, "sh", plan.tree, seconds, hook.command], {
      user: hook.user === "root" ? "0:0" : `${builder.uid}:${builder.gid}`,
      directory: "/build",
      environment: { ...(hook.user === "root" ? rootVariables : plan.environment), ...variables },
      input: Readable.from([Buffer.from(input)]),
      stdout: output,
      stderr: output,
      signal: AbortSignal.any([signal, late]),
    });
    const isLate = lateExitCodes.has(exitCode) && performance.now() - begin >= hook.timeoutMs;
    return { exitCode, killedBy: null, isLate };
  } catch (thrown) {
    if (late.aborted && !signal.aborted) return { exitCode: 137, killedBy: null, isLate: true };
    throw asFailure(thrown);
  }
}

/** What a command leaves of its input is read after it: podman else drops output of one that has ended, for an error of its own. */
const script =
  'cd "$1" 2>/dev/null; umask 022; timeout -k 5 "$2" sh -c "$3"; code=$?; timeout 5 cat > /dev/null; exit $code';

const rootVariables = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  HOME: "/root",
  LC_ALL: "C.UTF-8",
  DEBIAN_FRONTEND: "noninteractive",
};
