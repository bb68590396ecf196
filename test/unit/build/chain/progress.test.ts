import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Order, neededBy, orderOf } from "../../../../src/build/chain/graph.ts";
import { Progress } from "../../../../src/build/chain/progress.ts";
import { member, orderedMembers } from "./graphs.ts";

function progressOf(members: Parameters<typeof orderOf>[0]) {
  const order = orderOf(members);
  if ("cycles" in order) throw new Error("a cycle");
  return { order, progress: new Progress(order) };
}

interface Simulated {
  readonly order: Order;
  readonly progress: Progress;
  readonly width: number;
  readonly failing: string;
}

/** Goes through a chain to its end; of those that run, the one that is chosen ends next. */
function simulate({ order, progress, width, failing }: Simulated, choose: (count: number) => number) {
  const running: string[] = [];
  const begun: string[] = [];
  const tooSoon: string[] = [];
  let most = 0;
  for (;;) {
    const next = running.length < width ? progress.next() : null;
    if (next !== null) {
      const needed = order.edges.filter(({ from, because }) => from === next && "need" in because);
      if (needed.some(({ to }) => progress.statusOf(to) !== "done")) tooSoon.push(next);
      progress.begin(next);
      running.push(next);
      begun.push(next);
      most = Math.max(most, running.length);
    } else {
      if (running.length === 0) return { begun, tooSoon, most };
      const [ended = ""] = running.splice(choose(running.length), 1);
      if (ended === failing) progress.fail(ended);
      else progress.succeed(ended);
    }
  }
}

describe("the progress of a chain", () => {
  test("begins each source once, after all that it needs, never more at once than allowed, whoever ends first", () => {
    const property = fc.property(
      orderedMembers,
      fc.integer({ min: 1, max: 4 }),
      fc.infiniteStream(fc.nat()),
      fc.constantFrom("", "a", "b", "c"),
      (members, width, chance, failing) => {
        const { order, progress } = progressOf(members);
        const { begun, tooSoon, most } = simulate(
          { order, progress, width, failing },
          (count) => (chance.next().value ?? 0) % count,
        );

        expect(new Set(begun).size).toBe(begun.length);
        expect(tooSoon).toEqual([]);
        expect(most).toBeLessThanOrEqual(width);
        const byBuild = order.edges.filter(({ because }) => "need" in because);
        for (const id of order.ids) {
          const isLost = neededBy(id, byBuild).has(failing);
          expect(progress.statusOf(id)).toBe(isLost ? "skipped" : id === failing ? "failed" : "done");
        }
      },
    );

    fc.assert(property);
  });

  test("begins first what most others wait for in a row", () => {
    const { progress } = progressOf([member("short"), member("a"), member("b", ["a"]), member("c", ["b"])]);

    expect(progress.next()).toBe("a");
  });

  test("begins nothing after it is stopped, and tries again what has not ended well", () => {
    const { progress } = progressOf([member("a"), member("b", ["a"]), member("c")]);
    progress.begin("a");
    progress.fail("a");
    progress.stop();
    expect(progress.next()).toBeNull();
    expect(progress.statusOf("b")).toBe("skipped");

    progress.again();

    expect(progress.next()).toBe("a");
    expect(progress.done).toEqual([]);
  });

  test("lets a source wait for what only turned out later, and not for ever", () => {
    const { progress } = progressOf([member("a"), member("b")]);
    progress.wait([{ from: "b", to: "a", name: "a", because: { offer: "x" } }]);
    progress.begin("a");
    expect(progress.next()).toBeNull();

    progress.fail("a");

    expect(progress.next()).toBe("b");
  });
});
