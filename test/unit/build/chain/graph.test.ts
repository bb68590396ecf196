import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Member,
  type Order,
  breadth,
  heights,
  neededBy,
  orderOf,
} from "../../../../src/build/chain/graph.ts";
import { anyMembers, leads, member, orderedMembers } from "./graphs.ts";

function order(members: readonly Member[]): Order {
  const found = orderOf(members);
  if ("cycles" in found) throw new Error("a cycle");
  return found;
}

/** A source of one package with another name. */
function offering(id: string, name: string, provides: readonly string[] = []): Member {
  return { id, needs: [], offers: [{ name, provides, depends: [] }] };
}

const names = (edges: Order["edges"]) => edges.map(({ from, to }) => `${from}>${to}`);

describe("the order of a chain", () => {
  test("has every source once, after all that it needs", () => {
    const property = fc.property(orderedMembers, (members) => {
      const { ids, edges } = order(members);

      expect(ids.toSorted()).toEqual(members.map(({ id }) => id).toSorted());
      expect(edges.filter(({ from, to }) => ids.indexOf(to) >= ids.indexOf(from))).toEqual([]);
      for (const { id, needs } of members)
        for (const { name } of needs) expect(ids.indexOf(name)).toBeLessThan(ids.indexOf(id));
    });

    fc.assert(property);
  });

  test("is the order given where nothing says otherwise", () => {
    expect(order(["c", "a", "b"].map((id) => member(id))).ids).toEqual(["c", "a", "b"]);
  });

  test("is there exactly when the build dependencies make no ring", () => {
    const property = fc.property(anyMembers, (members) => {
      const needs = members.flatMap(({ id, needs: all }) =>
        all
          .filter(({ name }) => name !== id && members.some((each) => each.id === name))
          .map((need) => ({ from: id, to: need.name, name: need.name, because: { need } })),
      );
      const isRound = members.some(({ id }) => leads(needs, id, id));

      expect("cycles" in orderOf(members)).toBe(isRound);
    });

    fc.assert(property);
  });

  test("goes by packages, not by sources, and by virtual ones only where there is no real one", () => {
    const members = [
      member("user", ["libx-dev", "editor", "libc-dev"]),
      offering("x", "libx-dev", ["libc-dev"]),
      offering("vi", "vi", ["editor"]),
      offering("ed", "ed", ["editor"]),
      offering("c", "libc-dev"),
    ];

    expect(names(order(members).edges)).toEqual(["user>x", "user>vi", "user>ed", "user>c"]);
  });

  test("has what the needed packages depend on first, as far as that makes no ring", () => {
    const members = [member("user", ["lib"]), member("lib", [], ["deep"]), member("deep", [], ["user"])];

    const { ids, edges } = order(members);

    expect(ids).toEqual(["lib", "deep", "user"]);
    expect(names(edges)).toEqual(["user>lib", "user>deep"]);
    const round = order([member("user", ["lib"]), member("lib", [], ["deep"]), member("deep", ["user"])]);
    expect(names(round.edges)).toEqual(["user>lib", "deep>user"]);
  });

  test("does not mind a source that needs what it builds", () => {
    expect(order([member("gcc", ["gcc"])])).toEqual({ ids: ["gcc"], edges: [] });
  });

  test("knows how much hangs on each, and how many can be built at once", () => {
    const diamond = order([member("a"), member("b", ["a"]), member("c", ["a"]), member("d", ["b", "c"])]);

    expect(Object.fromEntries(heights(diamond))).toEqual({ a: 2, b: 1, c: 1, d: 0 });
    expect(breadth(diamond)).toBe(2);
    expect([...neededBy("d", diamond.edges)].toSorted()).toEqual(["a", "b", "c"]);
  });
});

describe("a ring in a chain", () => {
  test("is told by edges that lead around, and each knot of sources has one", () => {
    const property = fc.property(anyMembers, (members) => {
      const found = orderOf(members);
      fc.pre("cycles" in found);

      for (const { edges } of found.cycles) {
        expect(edges.length).toBeGreaterThan(1);
        expect(edges.map(({ to }) => to)).toEqual([...edges.slice(1), edges[0]].map((edge) => edge?.from));
        expect(new Set(edges.map(({ from }) => from)).size).toBe(edges.length);
      }
      const knots = found.cycles.map(({ edges }) => edges[0]?.from ?? "");
      expect(new Set(knots).size).toBe(knots.length);
    });

    fc.assert(property);
  });

  test("is the shortest of its knot", () => {
    const members = [member("a", ["b"]), member("b", ["c"]), member("c", ["a", "b"])];

    const found = orderOf(members);

    expect("cycles" in found && found.cycles.map(({ edges }) => names(edges))).toEqual([["b>c", "c>b"]]);
  });
});
