import { bytesOf } from "../../oci/raw-text.ts";
import { type ChangeRates, neutralRate } from "./change-rate.ts";
import { type Component, systemComponents } from "./component.ts";

/** Which components are in which layer, as data. */
export interface LayerPlan {
  /** In the order in which they lie over each other: what changes most comes last. */
  readonly layers: readonly PlannedLayer[];
}

export interface PlannedLayer {
  /** Stable from build to build: `source:linux`, `calm:3`, `new`, `last`. */
  readonly name: string;
  /** Names of components, sorted. */
  readonly components: readonly string[];
}

/** A component as planning sees it. */
export type Weight = Pick<Component, "name" | "sizeBytes">;

/**
 * Divides components among at most `budget` layers, afresh: what is large or has a rhythm of its own has a layer of its own,
 * the rest goes by the hash of its name to one of some layers of its tier. Thresholds are fixed, or raised by fixed steps
 * until all fits, so that a changed package moves few others.
 */
export function planLayers(components: readonly Weight[], rates: ChangeRates, budget: number): LayerPlan {
  const groups = new Map<string, string[]>();
  const place = (layer: string, { name }: Weight) => groups.set(layer, [...(groups.get(layer) ?? []), name]);
  const fixed = components.filter(({ name }) => ownLayer(name) !== null);
  for (const each of fixed) place(ownLayer(each.name) ?? last, each);
  const rest = components.filter(({ name }) => ownLayer(name) === null);
  // One layer is left for packages that are new in a later build.
  const room = Math.max(1, budget - 1 - groups.size);
  const [large, small] = divide(rest, largeSize(rest, room));
  for (const each of large) place(layerOfOne(each.name), each);
  const shelves = shelvesFor(small, rates, Math.max(1, room - large.length));
  for (const each of small) place(shelves(each), each);
  return orderedPlan(groups);
}

/** The layer of a component that is large or changes in its own time. */
export function layerOfOne(component: string): string {
  return component.includes(":") ? component : `source:${component}`;
}

/** The layer of what changes with every update; on top, since it is also what nobody owns. */
export const last = "last";
/** The layer of what came after the plan was made. */
export const arrivals = "new";

/** A component's layer where that is never a matter of size; null for all others. */
export function ownLayer(component: string): string | null {
  if (together.has(component)) return last;
  return alone.has(component) ? component : null;
}

const together: ReadonlySet<string> = new Set([
  systemComponents.dpkg,
  systemComponents.rest,
  systemComponents.definition,
]);
const alone: ReadonlySet<string> = new Set([
  systemComponents.initramfs,
  systemComponents.uki,
  systemComponents.hwdb,
]);

/** Layers by name and members in the order of a plan. */
export function orderedPlan(groups: ReadonlyMap<string, readonly string[]>): LayerPlan {
  const layers = [...groups]
    .filter(([, members]) => members.length > 0)
    .map(([name, members]): PlannedLayer => ({ name, components: members.toSorted() }))
    .toSorted((a, b) => rankOf(a.name) - rankOf(b.name) || (a.name < b.name ? -1 : 1));
  return { layers };
}

function rankOf(layer: string): number {
  const ranks = [arrivals, systemComponents.initramfs, systemComponents.uki, last];
  return ranks.indexOf(layer);
}

/** From this size on a component has a layer of its own, in bytes; twice, four times, ... that when they would be too many. */
const smallestLarge = 1 << 20;

/** Large ones take no more than this part of the layers. */
const largeShare = 2 / 3;

/** From which size on a component has a layer of its own. */
export function largeSize(components: readonly Weight[], room: number): number {
  let size = smallestLarge;
  while (components.filter(({ sizeBytes }) => sizeBytes >= size).length > room * largeShare) size *= 2;
  return size;
}

function divide(components: readonly Weight[], size: number): readonly [Weight[], Weight[]] {
  return [
    components.filter(({ sizeBytes }) => sizeBytes >= size),
    components.filter(({ sizeBytes }) => sizeBytes < size),
  ];
}

/** Tiers of components that change about equally often, by the highest rate of each. */
const tiers = [
  { name: "calm", below: 3 / 365 },
  { name: "steady", below: 12 / 365 },
  { name: "busy", below: Infinity },
];

/** What a layer of small components should have, in bytes; more by steps when there would be too many. */
const shelfSize = 1 << 19;

/** No shelf is filled beyond this part of what it should have: who updates one package fetches all of its shelf. */
const fullest = 1.25;

/** By tier and name, which of at most `room` layers a small component goes to. */
function shelvesFor(small: readonly Weight[], rates: ChangeRates, room: number): (weight: Weight) => string {
  const tierOf = ({ name }: Weight) => {
    const rate = rates.get(name) ?? neutralRate;
    return tiers.find(({ below }) => rate < below)?.name ?? "";
  };
  const byTier = Map.groupBy(small, tierOf);
  let size = shelfSize;
  const countFor = (members: readonly Weight[]) =>
    Math.ceil(members.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) / size);
  const count = () => [...byTier.values()].reduce((sum, members) => sum + countFor(members), 0);
  while (count() > room && size < 2 ** 40) size *= 1.25;
  const shelves = new Map<string, string>();
  for (const [tier, members] of byTier) {
    for (const [name, shelf] of shelved(members, countFor(members), size * fullest))
      shelves.set(name, `${tier}:${shelf}`);
  }
  return ({ name }) => shelves.get(name) ?? last;
}

/**
 * The shelf of each component: the one that its name alone says or, when that is full, the next one that it says; large ones
 * first, so that what has to give way is small. What is larger than a shelf may be gets an empty one, if there is one.
 */
function shelved(members: readonly Weight[], count: number, most: number): ReadonlyMap<string, number> {
  const filled = Array.from({ length: Math.max(1, count) }, () => 0);
  const found = new Map<string, number>();
  const bySize = members.toSorted((a, b) => b.sizeBytes - a.sizeBytes || (a.name < b.name ? -1 : 1));
  for (const { name, sizeBytes } of bySize) {
    const fits = (shelf: number) => filled[shelf] === 0 || (filled[shelf] ?? 0) + sizeBytes <= most;
    const asked = filled
      .keys()
      .map((attempt) => shelfOf(attempt === 0 ? name : `${name} ${attempt}`, filled.length));
    const shelf = asked.find(fits) ?? filled.indexOf(Math.min(...filled));
    filled[shelf] = (filled[shelf] ?? 0) + sizeBytes;
    found.set(name, shelf);
  }
  return found;
}

/**
 * Which of so many shelves a name goes to. With one shelf more, only what goes to that one moves (Lamping and Veach, "A Fast,
 * Minimal Memory, Consistent Hash Algorithm").
 */
function shelfOf(name: string, shelves: number): number {
  let key = hashOf(name);
  let shelf = 0;
  for (let next = 0; next < shelves;) {
    shelf = next;
    key = BigInt.asUintN(64, key * 2862933555777941757n + 1n);
    next = Math.floor((shelf + 1) * (2 ** 31 / (Number(key >> 33n) + 1)));
  }
  return shelf;
}

/** FNV-1a of 64 bits (draft-eastlake-fnv) of the name's bytes. */
function hashOf(name: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of bytesOf(name)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash;
}
