import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Failure } from "../../../src/base/failure.ts";
import { type Displacement, type Placed, planAddition } from "../../../src/repository/plan-addition.ts";
import { planRemoval } from "../../../src/repository/remove.ts";

const placed = fc.record<Placed>({
  name: fc.constantFrom("a", "b", "liba"),
  version: fc.constantFrom("1", "2"),
  architecture: fc.constantFrom("amd64", "all", "source"),
  component: fc.constant("main"),
  source: fc.constantFrom("a", "b"),
  bytes: fc.constantFrom("x", "y"),
});

const named = ({ component, name, version, architecture }: Placed) =>
  [component, name, version, architecture].join(" ");
const suite = fc.uniqueArray(placed, { selector: named });

describe("adding packages", () => {
  test.each(["none", "same-package", { sources: ["a"], architectures: ["amd64", "all"] }] as const)(
    "never leaves two of one name, version and architecture, and loses none (%s)",
    (displaces) => {
      const property = fc.property(suite, suite, (there, coming) => {
        const plan = planOrNull(there, coming, displaces);
        fc.pre(plan !== null);
        const after = [...plan.kept, ...plan.added];
        expect(new Set(after.map(named)).size).toBe(after.length);
        expect([...plan.kept, ...plan.removed]).toHaveLength(there.length);
        expect([...plan.added, ...plan.present]).toHaveLength(coming.length);
        expect(
          coming.every((each) => after.some((one) => named(one) === named(each) && one.bytes === each.bytes)),
        ).toBe(true);
      });

      fc.assert(property);
    },
  );

  test("refuses other bytes under the same name unless they take its place", () => {
    const old: Placed = {
      name: "a",
      version: "1",
      architecture: "all",
      component: "main",
      source: "a",
      bytes: "x",
    };
    const fresh = { ...old, bytes: "y" };

    expect(() => planAddition([old], [fresh], "none")).toThrow(/other bytes/);
    expect(planAddition([old], [fresh], "same-package")).toMatchObject({ added: [fresh], removed: [old] });
    expect(planAddition([old], [old], "none")).toMatchObject({ added: [], present: [old], removed: [] });
  });

  test("in place of a source's packages takes away those that it no longer builds, of its architectures", () => {
    const common = { version: "1", architecture: "all", component: "main", bytes: "x" };
    const gone: Placed = { ...common, name: "a-gone", source: "a" };
    const foreign: Placed = { ...common, name: "a", source: "a", architecture: "arm64" };
    const others: Placed = { ...common, name: "b", source: "b" };
    const fresh: Placed = { ...common, name: "a", source: "a" };

    const displaces = { sources: ["a"], architectures: ["amd64", "all"] };
    const plan = planAddition([gone, foreign, others], [fresh], displaces);

    expect(plan).toMatchObject({ kept: [foreign, others], removed: [gone], added: [fresh] });
  });
});

describe("removing packages", () => {
  const common = { architecture: "all", component: "main", bytes: "x" };
  const all: readonly Placed[] = [
    { ...common, name: "hello", version: "1", source: "hello" },
    { ...common, name: "hello", version: "1~rc1", source: "hello" },
    { ...common, name: "hello-doc", version: "1", source: "hello" },
  ];

  test.each([
    ["hello", [0, 1]],
    ["hello=1", [0]],
    ["src:hello", [0, 1, 2]],
    ["src:hello=1", [0, 2]],
  ])("takes %s for what it means", (word, wanted) => {
    expect(planRemoval(all, { words: [word], old: false })).toEqual(wanted.map((at) => all[at]));
  });

  test("finds the old versions", () => {
    expect(planRemoval(all, { words: [], old: true })).toEqual([all[1]]);
  });

  test("says what is not there, and what may be meant", () => {
    expect(() => planRemoval(all, { words: ["hullo"], old: false })).toThrow(/no package hullo/);
    expect(() => planRemoval(all, { words: ["hello=3"], old: false })).toThrow(/no package hello=3/);
  });
});

/** Null when it is refused, which is looked at elsewhere. */
function planOrNull(there: readonly Placed[], coming: readonly Placed[], displaces: Displacement) {
  try {
    return planAddition(there, coming, displaces);
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.code === "package-differs") return null;
    throw thrown;
  }
}
