import { throwIfAborted } from "./event.ts";

/**
 * What comes of work that no signal reaches, or the signal's failure as soon as that is given. `late` gets what comes after it.
 * @throws Failure of the signal (interrupted), and what the work raises before it.
 */
export async function orAborted<T>(
  work: Promise<T>,
  signal: AbortSignal,
  late: (result: T) => void,
): Promise<T> {
  const aborted = Promise.withResolvers<null>();
  const stop = () => aborted.resolve(null);
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop();
  try {
    const ended = await Promise.race([work.then((result) => ({ result })), aborted.promise]);
    if (ended !== null) return ended.result;
  } finally {
    signal.removeEventListener("abort", stop);
  }
  // Nobody is left to hear of its failure.
  work.then(late, () => undefined);
  throwIfAborted(signal);
  return await work;
}
