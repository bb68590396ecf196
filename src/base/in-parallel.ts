import { throwIfAborted } from "./event.ts";

/**
 * Does some work with each item, so many at a time. After a failure or an abort none is begun, and all that were have ended
 * when it is thrown. @throws what the work raises first.
 */
export async function inParallel<T>(
  items: readonly T[],
  atOnce: number,
  signal: AbortSignal,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  const failures: unknown[] = [];
  const worker = async () => {
    for (const item of queue) {
      if (failures.length > 0 || signal.aborted) return;
      await work(item).catch((thrown: unknown) => failures.push(thrown));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  throwIfAborted(signal);
  if (failures.length > 0) throw failures[0];
}
