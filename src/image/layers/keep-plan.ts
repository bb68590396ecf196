import { type ChangeRates, neutralRate } from "./change-rate.ts";
import {
  type LayerPlan,
  type Weight,
  arrivals,
  largeSize,
  layerOfOne,
  orderedPlan,
  ownLayer,
  planLayers,
} from "./plan.ts";

/** A plan, and how it came about. */
export interface ChosenPlan {
  readonly plan: LayerPlan;
  /** `kept` from the image before, `fresh` without one, or `repacked` although there was one. */
  readonly origin: "fresh" | "kept" | "repacked";
  /** Why there is a new one although there was one; null otherwise. */
  readonly reason: string | null;
}

export interface PlanChoice {
  readonly budget: number;
  /** The plan of the image before, if it has one. */
  readonly previous: LayerPlan | null;
  /** When to plan anew: where that saves much, or in any case. */
  readonly repack: "when-it-pays" | "always";
}

/** A kept plan that costs hosts so much more each week than a fresh one is given up. */
const worthRepacking = 1.25;

/**
 * The plan of the image before with what is new in it, so that hosts fetch only what changed; a fresh one when there is none,
 * when it has more layers than the budget allows, or when it has grown so bad that fetching everything once is worth it.
 */
export function choosePlan(
  components: readonly Weight[],
  rates: ChangeRates,
  { budget, previous, repack }: PlanChoice,
): ChosenPlan {
  const fresh = planLayers(components, rates, budget);
  if (previous === null) return { plan: fresh, origin: "fresh", reason: null };
  if (repack === "always") return { plan: fresh, origin: "repacked", reason: "it was asked for" };
  const kept = keepPlan(components, previous, budget);
  if (kept.layers.length > budget) {
    const reason = `the plan before has ${kept.layers.length} layers, of which ${budget} are allowed`;
    return { plan: fresh, origin: "repacked", reason };
  }
  // What has the same layer in every plan, such as the initramfs, would hide how bad the others are.
  const movable = components.filter(({ name }) => ownLayer(name) === null);
  const ratio = weeklyBytes(kept, movable, rates) / Math.max(1, weeklyBytes(fresh, movable, rates));
  if (ratio > worthRepacking) {
    const reason = `hosts would fetch ${Math.round((ratio - 1) * 100)} % more each week by the plan before`;
    return { plan: fresh, origin: "repacked", reason };
  }
  return { plan: kept, origin: "kept", reason: null };
}

/** What a host is expected to fetch in a week, in bytes before compression, if components change independently. */
export function weeklyBytes(plan: LayerPlan, components: readonly Weight[], rates: ChangeRates): number {
  const sizes = new Map(components.map(({ name, sizeBytes }) => [name, sizeBytes]));
  let bytes = 0;
  for (const { components: members } of plan.layers) {
    const known = members.filter((name) => sizes.has(name));
    const size = known.reduce((sum, name) => sum + (sizes.get(name) ?? 0), 0);
    const rate = known.reduce((sum, name) => sum + (rates.get(name) ?? neutralRate), 0);
    bytes += size * (1 - Math.exp(-7 * rate));
  }
  return bytes;
}

/** Every component where it was; of new ones the large in layers of their own while there is room, the others together. */
function keepPlan(components: readonly Weight[], previous: LayerPlan, budget: number): LayerPlan {
  const before = new Map(
    previous.layers.flatMap(({ name, components: members }) => members.map((member) => [member, name])),
  );
  const groups = new Map<string, string[]>();
  const place = (layer: string, name: string) => groups.set(layer, [...(groups.get(layer) ?? []), name]);
  const isPlaced = ({ name }: Weight) => (ownLayer(name) ?? before.get(name)) !== undefined;
  for (const { name } of components.filter(isPlaced))
    place(ownLayer(name) ?? before.get(name) ?? arrivals, name);
  const added = components.filter((each) => !isPlaced(each));
  const size = largeSize(added, Infinity);
  for (const { name, sizeBytes } of added.toSorted(
    (a, b) => b.sizeBytes - a.sizeBytes || (a.name < b.name ? -1 : 1),
  )) {
    const hasRoom = groups.size < budget - (groups.has(arrivals) ? 0 : 1);
    place(sizeBytes >= size && hasRoom ? layerOfOne(name) : arrivals, name);
  }
  return orderedPlan(groups);
}
