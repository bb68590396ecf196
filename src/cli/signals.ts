import { asFailure, exitCodes, interrupted } from "../base/failure.ts";
import type { Failure } from "../base/failure.ts";

/** How long the work may clean up after it was told to stop (milliseconds). */
const cleanupTime = 2000;

const signals: Readonly<Partial<Record<NodeJS.Signals, string>>> = {
  SIGINT: "Ctrl-C",
  SIGTERM: "SIGTERM",
  SIGHUP: "SIGHUP (the terminal went away)",
};

/**
 * An abort signal that is given at the first SIGINT, SIGTERM or SIGHUP. The process ends at the second, or when
 * cleaning up takes longer than two seconds; `beforeExit` shows why and restores the terminal then.
 */
export function stopOnSignals(
  beforeExit: (failure: Failure) => void,
): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const exitNow = () => {
    beforeExit(asFailure(controller.signal.reason));
    process.exit(exitCodes.interrupted);
  };
  const stop = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) exitNow();
    setTimeout(exitNow, cleanupTime).unref();
    controller.abort(interrupted(signals[name] ?? name));
  };
  for (const name of Object.keys(signals)) process.on(name, stop);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      for (const name of Object.keys(signals)) process.off(name, stop);
    },
  };
}
