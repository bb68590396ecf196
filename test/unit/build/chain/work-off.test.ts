import { describe, expect, test } from "vitest";
import { type Pieces, workOff } from "../../../../src/build/chain/work-off.ts";

/** Work that ends when it is told to, or stopped. */
class Desk implements Pieces {
  readonly width: number;
  readonly waiting: string[];
  readonly running = new Map<string, PromiseWithResolvers<void>>();
  readonly begun: string[] = [];
  readonly stopped = Promise.withResolvers<void>();
  onPrepare: (id: string) => void = () => {};

  constructor(width: number, ids: readonly string[]) {
    this.width = width;
    this.waiting = [...ids];
  }

  next(): string | null {
    return this.waiting[0] ?? null;
  }

  async prepare(id: string): Promise<() => Promise<void>> {
    await Promise.resolve();
    this.onPrepare(id);
    this.waiting.shift();
    return async () => {
      this.begun.push(id);
      const end = Promise.withResolvers<void>();
      this.running.set(id, end);
      await end.promise.finally(() => this.running.delete(id));
    };
  }

  stop(): void {
    this.waiting.length = 0;
    this.stopped.resolve();
  }
}

/** What became of it, once all that can happen without a piece's end has happened. */
async function stateOf(work: Promise<void>): Promise<"pending" | "ended" | "failed"> {
  const later = new Promise<"pending">((resolve) => void setImmediate(() => resolve("pending")));
  const ended = work.then(
    () => "ended" as const,
    () => "failed" as const,
  );
  return await Promise.race([ended, later]);
}

describe("working off", () => {
  test("does as many at once as it may, until nothing is left", async () => {
    const desk = new Desk(2, ["a", "b", "c"]);
    const work = workOff(desk);

    expect(await stateOf(work)).toBe("pending");
    expect(desk.begun).toEqual(["a", "b"]);
    desk.running.get("b")?.resolve();
    expect(await stateOf(work)).toBe("pending");
    expect(desk.begun).toEqual(["a", "b", "c"]);
    desk.running.get("a")?.resolve();
    desk.running.get("c")?.resolve();
    await work;
    expect(desk.running.size).toBe(0);
  });

  test("that fails between two pieces stops the rest and waits for what still runs", async () => {
    const desk = new Desk(2, ["a", "b"]);
    desk.onPrepare = (id) => {
      if (id === "b") throw new Error("the index is damaged");
    };
    const work = workOff(desk);

    expect(await stateOf(work)).toBe("pending");
    await desk.stopped.promise;
    expect([...desk.running.keys()]).toEqual(["a"]);
    desk.running.get("a")?.resolve();
    await expect(work).rejects.toThrow("the index is damaged");
    expect(desk.begun).toEqual(["a"]);
  });

  test("whose piece fails waits for the others, and says what failed first", async () => {
    const desk = new Desk(3, ["a", "b", "c"]);
    const work = workOff(desk);

    expect(await stateOf(work)).toBe("pending");
    desk.running.get("b")?.reject(new Error("first"));
    expect(await stateOf(work)).toBe("pending");
    desk.running.get("a")?.reject(new Error("second"));
    desk.running.get("c")?.resolve();
    await expect(work).rejects.toThrow("first");
    expect(desk.running.size).toBe(0);
  });
});
