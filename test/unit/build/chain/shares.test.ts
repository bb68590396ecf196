import { assert, integer, option, property, record } from "fast-check";
import { describe, expect, test } from "vitest";
import { type Crowd, sharesOf } from "../../../../src/build/chain/shares.ts";

const gigabyte = 1024 ** 3;

function crowd(more: Partial<Crowd>): Crowd {
  const machine = { cpus: 4, memoryBytes: 16 * gigabyte };
  return { breadth: 100, builds: null, budget: {}, bounds: {}, machine, ...more };
}

describe("builds at once", () => {
  test.each([
    ["by default one for each processor", {}, 4],
    ["as many as are asked for, whatever the processors", { builds: 9 }, 9],
    ["no more than wait for nothing", { builds: 9, breadth: 3 }, 3],
    ["as many as memory allows", { machine: { cpus: 8, memoryBytes: 3.5 * gigabyte } }, 3],
    ["fewer when each may use more", { bounds: { cpus: 2 } }, 2],
    ["as a budget allows", { builds: 9, budget: { cpus: 2 } }, 2],
    [
      "as a budget of memory allows",
      { bounds: { memoryBytes: 2 * gigabyte }, budget: { memoryBytes: 5 * gigabyte } },
      2,
    ],
    ["one in any case", { budget: { cpus: 1, memoryBytes: 1 }, bounds: { cpus: 2 } }, 1],
  ] as const)("are %s", (_, more, builds) => {
    expect(sharesOf(crowd(more)).builds).toBe(builds);
  });

  test("divide jobs, twice as many as there are processors", () => {
    expect(sharesOf(crowd({ builds: 4 })).jobs).toBe(2);
    expect(sharesOf(crowd({ builds: 20 })).jobs).toBe(1);
    expect(sharesOf(crowd({ builds: 1 })).jobs).toBeNull();
  });

  test("are bounded by nothing when there is no budget", () => {
    expect(sharesOf(crowd({})).bounds).toEqual({ cpus: undefined, memoryBytes: undefined });
  });

  test("never may use more than the budget all together, nor each more than its own bound", () => {
    const resources = record({
      cpus: option(integer({ min: 1, max: 64 }), { nil: undefined }),
      memoryBytes: option(integer({ min: 1, max: 64 * gigabyte }), { nil: undefined }),
    });
    const breadth = integer({ min: 1, max: 50 });
    const asked = option(integer({ min: 1, max: 50 }));
    assert(
      property(breadth, asked, resources, resources, (wide, builds, budget, bounds) => {
        const shares = sharesOf(crowd({ breadth: wide, builds, budget, bounds }));
        for (const name of ["cpus", "memoryBytes"] as const) {
          const each = shares.bounds[name] ?? 0;
          expect(shares.builds * each).toBeLessThanOrEqual((budget[name] ?? Infinity) + 1e-9);
          expect(each).toBeLessThanOrEqual(bounds[name] ?? Infinity);
          expect(shares.bounds[name] === undefined).toBe(
            budget[name] === undefined && bounds[name] === undefined,
          );
        }
      }),
    );
  });
});
