import type { Writable } from "node:stream";

/**
 * Tells of a stream when its reader will have taken what waits in it; null while nothing does. A reader that has gone is
 * not waited for.
 */
export function backlogOf(stream: Writable): () => Promise<void> | null {
  let read: Promise<void> | null = null;
  return () => {
    if (!stream.writableNeedDrain) return null;
    return (read ??= drained(stream).finally(() => (read = null)));
  };
}

function drained(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    const ends = ["drain", "error", "close"] as const;
    const settle = () => {
      for (const end of ends) stream.off(end, settle);
      resolve();
    };
    for (const end of ends) stream.on(end, settle);
  });
}
