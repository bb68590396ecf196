import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { errorCode } from "../../base/system-error.ts";
import type { HookEnd, HookRun } from "./run-hook.ts";

/**
 * Runs a hook's command on this machine, as a session of its own: when it ends or its time is up, all that it started ends
 * with it. Gives how it ended; raises what goes wrong with the output.
 */
export async function runOnHost(
  { hook, input, variables, signal, output }: HookRun,
  { directory, environment }: { readonly directory: string; readonly environment: NodeJS.ProcessEnv },
): Promise<HookEnd> {
  const child = spawn("/bin/sh", ["-c", hook.command], {
    cwd: directory,
    env: { ...environment, ...variables },
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  const { stdin, stdout, stderr } = child;
  // A hook need not read what it is told.
  stdin.on("error", () => undefined);
  stdin.end(input);
  const late = AbortSignal.timeout(hook.timeoutMs);
  const stop = AbortSignal.any([signal, late]);
  const end = () => void endGroup(child);
  stop.addEventListener("abort", end);
  if (stop.aborted) end();
  const taken = Promise.all([take(stdout, output), take(stderr, output)]);
  // Nobody reads any more then, so the command would wait for ever.
  taken.catch(end);
  try {
    const [code, killer] = await ended(child);
    kill(child, "SIGKILL");
    // What is in the pipes comes at once; a process that left its session may hold them open for as long as it likes.
    await Promise.race([taken, delay(1000, null, { ref: false })]);
    return { exitCode: code ?? 128, killedBy: killer, isLate: late.aborted && !signal.aborted };
  } finally {
    stop.removeEventListener("abort", end);
    for (const stream of [stdout, stderr]) stream.destroy();
  }
}

async function ended(child: ChildProcess): Promise<[code: number | null, killer: string | null]> {
  const [code, killer]: unknown[] = await once(child, "exit");
  return [typeof code === "number" ? code : null, typeof killer === "string" ? killer : null];
}

async function take(from: Readable, to: Writable): Promise<void> {
  for await (const chunk of from) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    to.write(chunk, (error) => (error ? reject(error) : resolve()));
    await promise;
  }
}

async function endGroup(child: ChildProcess): Promise<void> {
  kill(child, "SIGTERM");
  await delay(graceMs, null, { ref: false });
  kill(child, "SIGKILL");
}

/** To end in order, between SIGTERM and SIGKILL. */
const graceMs = 1000;

/** To the whole group of processes, of which there may be none any more. */
function kill({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (thrown) {
    if (errorCode(thrown) !== "ESRCH" && errorCode(thrown) !== "EPERM") throw thrown;
  }
}
