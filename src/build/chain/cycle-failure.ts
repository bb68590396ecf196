import { Failure } from "../../base/failure.ts";
import { type Cycle, type Edge, orderOf } from "./graph.ts";
import { type ChainSource, memberOf, profilesNamed } from "./member.ts";

/** A way to do without an edge. */
export interface Breaker {
  readonly edge: Edge;
  readonly profile: string;
}

/**
 * The profiles of which one alone, given to all sources, takes an edge of a ring away: those first with which no ring at all is left.
 */
export function breakersOf(cycles: readonly Cycle[], sources: readonly ChainSource[]): readonly Breaker[] {
  const profiles = [...new Set(sources.flatMap(profilesNamed))].filter(
    (profile) => !sources.some(({ request }) => request.profiles.includes(profile)),
  );
  const found = profiles.flatMap((profile) => {
    const members = new Map(sources.map((each) => memberOf(each, [profile])).map((each) => [each.id, each]));
    const isLeft = ({ from, name }: Edge) =>
      members.get(from)?.needs.some((need) => need.name === name) ?? false;
    const isWhole = "ids" in orderOf([...members.values()]);
    return cycles
      .flatMap(({ edges }) => edges)
      .filter((edge) => !isLeft(edge))
      .map((edge) => ({ edge, profile, isWhole }));
  });
  return found
    .toSorted((a, b) => Number(b.isWhole) - Number(a.isWhole))
    .map(({ edge, profile }) => ({ edge, profile }));
}

/** The failure of sources that need each other to be built. */
export function cycleFailure(cycles: readonly Cycle[], sources: readonly ChainSource[]): Failure {
  const breakers = breakersOf(cycles, sources);
  const [best] = breakers;
  return new Failure(
    "dependency",
    "dependency-cycle",
    `The sources need each other to be built: ${cycles.map(ringText).join("; ")}`,
    {
      hint:
        best === undefined
          ? "No profile breaks it. Build one of them against the archive by itself (`debkiln build`), add it to the repository (`debkiln repo add`), and leave it out of the chain."
          : `With the profile ${best.profile} ${best.edge.from} does not need ${best.edge.name} (${relationOf(best.edge)}): --profiles ${best.profile}.`,
      details: { cycles, breakers },
    },
  );
}

/** `a needs libb-dev of b, b needs a-tools of a`. */
function ringText({ edges }: Cycle): string {
  return edges.map(({ from, to, name }) => `${from} needs ${name} of ${to}`).join(", ");
}

function relationOf({ because }: Edge): string {
  return "need" in because ? `${because.need.field}: ${because.need.relation}` : because.offer;
}
