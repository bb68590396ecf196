import { setTimeout } from "node:timers/promises";
import { Failure } from "../../base/failure.ts";

/** Waits. Given as a parameter so that tests need not. */
export type Pause = (milliseconds: number, signal: AbortSignal) => Promise<void>;

export const pauseReally: Pause = (milliseconds, signal) => setTimeout(milliseconds, undefined, { signal });

export interface Patience {
  readonly pause: Pause;
  readonly signal: AbortSignal;
}

const attempts = 5;
/** A registry that asks for more than this had better be asked by the user, later. */
const longestPauseMs = 5 * 60_000;

/** Does some work again, with growing pauses, while it fails in ways that may pass. @throws what the work raised last. */
export async function patiently<T>(patience: Patience, work: (attempt: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(attempt);
    } catch (thrown) {
      await pauseBeforeRetry(thrown, attempt, patience);
    }
  }
}

/**
 * Waits as long as is right after the attempt of that number (from 1) failed: what the registry asked for, else twice
 * as long as before. @throws what was thrown when there is no sense in another attempt.
 */
export async function pauseBeforeRetry(
  thrown: unknown,
  attempt: number,
  { pause, signal }: Patience,
): Promise<void> {
  signal.throwIfAborted();
  if (!mayPass(thrown) || attempt >= attempts) throw thrown;
  const { retryAfterMs } = thrown.details;
  const wait = typeof retryAfterMs === "number" ? retryAfterMs : 500 * 2 ** (attempt - 1);
  if (wait > longestPauseMs) throw thrown;
  await pause(wait, signal);
}

export function mayPass(thrown: unknown): thrown is Failure {
  return thrown instanceof Failure && thrown.details["mayPass"] === true;
}
