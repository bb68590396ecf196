import { Failure } from "../base/failure.ts";
import { formatDuration } from "../base/duration.ts";
import { endingMs } from "./end-processes.ts";
import type { Deadlines } from "./request.ts";

/** What a deadline looks at. */
export interface Progress {
  /** When output came last, in milliseconds of `performance.now()`; null while silence is no sign of a hang. */
  readonly lastOutput: () => number | null;
  /** Whether what runs is a step in the build's container, which is given time to end. */
  readonly isStep: () => boolean;
}

/** One bound on the time of a whole build, whatever it is doing. Disposing ends it. */
export interface Deadline extends Disposable {
  /** When the build began, in milliseconds of `performance.now()`. */
  readonly since: number;
  /** Given with the caller's own signal, or with a failure when time is up. */
  readonly signal: AbortSignal;
}

/**
 * Begins a build's time. Steps in a container watch the same bound and come first, because they can tell what was running
 * and let it write its last words.
 */
export function beginDeadline(caller: AbortSignal, deadlines: Deadlines, progress: Progress): Deadline {
  const since = performance.now();
  const late = new AbortController();
  const clock = setInterval(() => {
    const now = performance.now();
    const failure = overdue(deadlines, {
      running: now - since - listingMs - (progress.isStep() ? endingMs : 0),
      silent: now - (progress.lastOutput() ?? now),
    });
    if (failure === null) return;
    clearInterval(clock);
    late.abort(failure);
  }, 500);
  return {
    since,
    signal: AbortSignal.any([caller, late.signal]),
    [Symbol.dispose]: () => clearInterval(clock),
  };
}

/** How long a step may take to tell what runs in it, in milliseconds. */
const listingMs = 3000;

/** The failure of a build that takes this long (milliseconds): `timeout` or `silence-timeout` (package). Null within bounds. */
export function overdue(
  { totalMs, silenceMs }: Deadlines,
  { running, silent }: { readonly running: number; readonly silent: number },
): Failure | null {
  if (running > totalMs) {
    return new Failure("package", "timeout", `The build took longer than ${formatDuration(totalMs)}`, {
      hint: "Allow more with --timeout; the log ends with what was running.",
    });
  }
  if (silent > silenceMs) {
    return new Failure(
      "package",
      "silence-timeout",
      `The build printed nothing for ${formatDuration(silenceMs)}`,
      { hint: "Allow more with --silence-timeout; the log ends with what was running." },
    );
  }
  return null;
}

/**
 * What the work gives. Once the signal is given, work that does not end by itself within a second or so is left to
 * itself: an engine that hangs must not keep a build from its end. @throws the signal's reason then.
 */
export async function promptly<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const late = Promise.withResolvers<never>();
  let timer: NodeJS.Timeout | undefined;
  const stop = () => {
    timer = setTimeout(() => late.reject(signal.reason), patienceMs);
  };
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    signal.removeEventListener("abort", stop);
    clearTimeout(timer);
  }
}

const patienceMs = 1200;
