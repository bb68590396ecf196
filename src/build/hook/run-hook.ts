import type { Writable } from "node:stream";
import { formatDuration } from "../../base/duration.ts";
import { Failure } from "../../base/failure.ts";
import type { Hook } from "./hook.ts";

/** What a command runs with, wherever it does. */
export interface HookRun {
  readonly hook: Hook;
  /** The context as JSON. */
  readonly input: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly output: Writable;
  readonly signal: AbortSignal;
}

/** How a command ended. */
export interface HookEnd {
  readonly exitCode: number;
  /** The signal that ended it, if one did. */
  readonly killedBy: string | null;
  /** Whether its time was up. */
  readonly isLate: boolean;
}

/** The failure of a hook that ended so, null when it went well: `hook-timeout` or `hook-failed` (infrastructure). */
export function hookFailure({ name, point, timeoutMs, place }: Hook, end: HookEnd): Failure | null {
  const { exitCode, killedBy, isLate } = end;
  const what = `The hook ${name} at ${point}`;
  const details = { hook: name, point, place };
  if (isLate) {
    return new Failure(
      "infrastructure",
      "hook-timeout",
      `${what} took longer than ${formatDuration(timeoutMs)}`,
      {
        hint: 'A hook among the settings may have a longer "timeout"; what it printed before it was ended is in the log.',
        details,
      },
    );
  }
  if (exitCode === 0) return null;
  const how = killedBy === null ? `with exit code ${exitCode}` : `by ${killedBy}`;
  return new Failure("infrastructure", "hook-failed", `${what} ended ${how}`, {
    hint:
      place === "container"
        ? "Its output is in the log. It ran in the build's container, without a network and with the build's packages alone."
        : "Its output is in the log. It ran on this machine, as you.",
    details: { ...details, exitCode },
  });
}
