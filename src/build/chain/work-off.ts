/** Work of which one piece may have to wait for another. */
export interface Pieces {
  /** How many are done at once. */
  readonly width: number;
  /** The piece to begin next, or null when none may be begun before another has ended. */
  next(): string | null;
  /** Makes ready to begin it: gives what does it, or null when it turns out that it has to wait. */
  prepare(id: string): Promise<(() => Promise<void>) | null>;
  /** Tells what still runs to end, since something went wrong that leaves no sense in it. */
  stop(): void;
}

/**
 * Does all that can be begun, several pieces at once. Whether it ends well or not, nothing runs any more when it has: what is held for
 * the work may then be given up. @throws what `next`, `prepare` or a piece raises first.
 */
export async function workOff(pieces: Pieces): Promise<void> {
  const running = new Set<Promise<void>>();
  const failed: unknown[] = [];
  try {
    for (;;) {
      if (failed.length > 0) throw failed[0];
      const id = running.size < pieces.width ? pieces.next() : null;
      if (id === null) {
        if (running.size === 0) return;
        await Promise.race(running);
        continue;
      }
      const work = await pieces.prepare(id);
      if (work === null) continue;
      const piece = work()
        .catch((thrown: unknown) => void failed.push(thrown))
        .finally(() => running.delete(piece));
      running.add(piece);
    }
  } catch (thrown) {
    pieces.stop();
    throw thrown;
  } finally {
    await Promise.all(running);
  }
}
