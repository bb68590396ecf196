import * as fc from "fast-check";
import type { Edge, Member } from "../../../../src/build/chain/graph.ts";

/** A source of one package of its own name that needs some others. */
export function member(id: string, needs: readonly string[] = [], depends: readonly string[] = []): Member {
  return {
    id,
    needs: needs.map((name) => ({ name, field: "Build-Depends", relation: name })),
    offers: [{ name: id, provides: [], depends }],
  };
}

const ids = ["a", "b", "c", "d", "e", "f"];
const some = fc.subarray([...ids, "elsewhere"]);

/** Sources that need each other in any way, in any order. */
export const anyMembers: fc.Arbitrary<readonly Member[]> = fc
  .shuffledSubarray(ids, { minLength: 1 })
  .chain((chosen) => fc.tuple(...chosen.map((id) => fc.tuple(some, some).map(([a, b]) => member(id, a, b)))));

/** Sources of which each needs only those named before it, so that there is an order; given in any. */
export const orderedMembers: fc.Arbitrary<readonly Member[]> = fc
  .shuffledSubarray(ids, { minLength: 1 })
  .chain((chosen) =>
    fc.tuple(
      ...chosen.map((id, at) =>
        fc
          .tuple(fc.subarray(chosen.slice(0, at)), some)
          .map(([needs, depends]) => member(id, needs, depends)),
      ),
    ),
  )
  .chain((members) => fc.shuffledSubarray([...members], { minLength: members.length }));

/** Whether edges lead from one to the other, the long way round. */
export function leads(
  edges: readonly Edge[],
  from: string,
  to: string,
  seen: readonly string[] = [],
): boolean {
  return edges.some(
    (edge) =>
      edge.from === from &&
      (edge.to === to || (!seen.includes(edge.to) && leads(edges, edge.to, to, [...seen, edge.to]))),
  );
}
