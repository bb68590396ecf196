import { once } from "node:events";
import { throwIfAborted } from "../base/event.ts";
import { Failure } from "../base/failure.ts";
import { errorCode } from "../base/system-error.ts";
import { loadExeca } from "../base/load-execa.ts";

/** What waits for its turn. */
export interface Turn {
  readonly signal: AbortSignal;
  /** Called once, when another process is seen to be at it. */
  readonly waiting?: () => void;
}

/**
 * Does a piece of work while no other process has that file or directory locked: each waits for its turn. A file is made when
 * there is none. The kernel keeps the order (flock(2), by flock(1), for Node has none of its own), and ends the turn of a
 * process that dies.
 * @throws Failure flock-missing, not-writable (infrastructure), and what the work raises.
 */
export async function whileLocked<T>(
  path: string,
  { signal, waiting = () => {} }: Turn,
  work: () => Promise<T>,
): Promise<T> {
  let lock = await takeLock(path, ["--nonblock"], signal);
  if (lock === null) {
    waiting();
    lock = await takeLock(path, [], signal);
  }
  await using held = lock;
  if (held === null) throw notLocked(path, "flock gave no reason");
  return await work();
}

/** Null when another has it. Disposing gives it back. */
async function takeLock(
  path: string,
  options: readonly string[],
  signal: AbortSignal,
): Promise<AsyncDisposable | null> {
  const execa = await loadExeca();
  throwIfAborted(signal);
  // In a session of its own, so that Ctrl-C does not end it before the work; this process's end does, by the closed pipe.
  const holder = execa(
    "flock",
    [...options, "--conflict-exit-code", String(taken), path, "sh", "-c", "echo held; exec cat >/dev/null"],
    { stdin: "pipe", stdout: "pipe", buffer: { stdout: false }, detached: true, reject: false },
  );
  const stop = () => void holder.kill();
  signal.addEventListener("abort", stop);
  try {
    const outcome = await Promise.race([once(holder.stdout, "data").then(() => null), holder]);
    throwIfAborted(signal);
    if (outcome === null)
      return {
        [Symbol.asyncDispose]: async () => {
          holder.stdin.end();
          await holder;
        },
      };
    if (outcome.exitCode === taken) return null;
    throw errorCode(outcome.cause) === "ENOENT"
      ? flockMissing(outcome.cause)
      : notLocked(path, outcome.stderr);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** flock(1)'s exit code, as it is told, when another has the lock. */
const taken = 75;

function flockMissing(cause: unknown): Failure {
  return new Failure("infrastructure", "flock-missing", "This machine has no flock", {
    hint: "Install it: `apt-get install util-linux`.",
    cause,
  });
}

function notLocked(path: string, said: string): Failure {
  return new Failure("infrastructure", "not-writable", `Cannot lock ${path}: ${said.trim()}`, {
    hint: "Make it writable for this user.",
  });
}
