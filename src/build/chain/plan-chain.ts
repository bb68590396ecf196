import type { Task } from "../../base/event.ts";
import { Failure } from "../../base/failure.ts";
import { targetName } from "../../environment/target.ts";
import type { BuildRequest } from "../request.ts";
import { cycleFailure } from "./cycle-failure.ts";
import { type Member, type Order, orderOf } from "./graph.ts";
import { type ChainSource, memberOf } from "./member.ts";
import { readBinaries } from "./read-binaries.ts";

/** Some sources in the order in which they can be built. */
export interface ChainPlan {
  readonly sources: readonly ChainSource[];
  readonly members: readonly Member[];
  readonly order: Order;
}

/**
 * Finds the order of some sources, by what they build and what they need of each other.
 * @throws Failure dependency-cycle (dependency), chain-duplicate, chain-mixed-targets (usage), and those of damaged sources.
 */
export async function planChain(requests: readonly BuildRequest[], task: Task): Promise<ChainPlan> {
  requireDistinct(requests);
  requireOneTarget(requests);
  const sources: ChainSource[] = [];
  for (const request of requests) {
    const { binaries, isWhole } = await readBinaries(request.source);
    const { name } = request.source.package;
    if (!isWhole)
      task.note(`what packages of ${name} provide and depend on is only known once they are built`);
    sources.push({ request, binaries });
  }
  const members = sources.map((each) => memberOf(each));
  const order = orderOf(members);
  if ("cycles" in order) throw cycleFailure(order.cycles, sources);
  return { sources, members, order };
}

/** Sources whose order does not matter, since none is to see what another gives. */
export function unorderedChain(requests: readonly BuildRequest[]): ChainPlan {
  requireDistinct(requests);
  const sources = requests.map((request) => ({ request, binaries: [] }));
  const members = sources.map(({ request }) => ({ id: request.source.package.name, needs: [], offers: [] }));
  return { sources, members, order: { ids: members.map(({ id }) => id), edges: [] } };
}

function requireDistinct(requests: readonly BuildRequest[]): void {
  const seen = new Map<string, string>();
  for (const { source } of requests) {
    const { name, version } = source.package;
    const before = seen.get(name);
    if (before !== undefined) {
      throw new Failure(
        "usage",
        "chain-duplicate",
        `The source ${name} is in the chain twice: ${before} and ${version}`,
        {
          hint: "Leave one of them out.",
        },
      );
    }
    seen.set(name, version);
  }
}

function requireOneTarget(requests: readonly BuildRequest[]): void {
  const names = new Map(requests.map(({ target, source }) => [targetName(target), source.package.name]));
  if (names.size <= 1) return;
  const list = [...names].map(([target, name]) => `${name} for ${target}`).join(", ");
  throw new Failure("usage", "chain-mixed-targets", `The sources are for different targets: ${list}`, {
    hint: "Name one suite for all with --dist, or a target with --target.",
  });
}
