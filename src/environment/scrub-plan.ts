import type { StoredItem } from "../store/inventory.ts";
import type { Garbage, Removal } from "./gc-plan.ts";
import type { KeptImage } from "./images.ts";
import type { KeptVolume } from "./kept-volumes.ts";

/** Kinds of cache by the words that people use, with what is in them. */
export const caches = {
  bases: "base",
  indices: "index",
  environments: "environment",
  imported: "imported",
  failed: "failed",
  compilers: "ccache",
  downloads: "blob",
  sources: "source",
} as const satisfies Record<string, KeptImage["kind"] | StoredItem["kind"] | KeptVolume["kind"]>;
export type Cache = keyof typeof caches;

/** What is to be scrubbed. */
export interface ScrubRequest {
  readonly caches: readonly Cache[];
  /** Of images only those of this target; downloads belong to none. */
  readonly target: string | null;
}

/**
 * Everything in some caches, environments before the bases that they stand on. A base stays that something else stands on, and
 * a lock that an image refers to; named environments are in no cache.
 */
export function planScrub(
  images: readonly KeptImage[],
  items: readonly StoredItem[],
  { caches: chosen, target }: ScrubRequest,
): readonly Removal[] {
  const kinds = new Set<string>(chosen.map((cache) => caches[cache]));
  const wanted = images.filter(
    (image) => kinds.has(image.kind) && (target === null || image.target === target),
  );
  const others = images.filter((image) => image.kind !== "base" && !wanted.includes(image));
  const going = wanted.filter(({ kind, key }) => kind !== "base" || !others.some(({ base }) => base === key));
  const left = images.filter((image) => !going.includes(image));
  const goingItems =
    target === null
      ? items.filter(({ kind, name }) => kinds.has(kind) && !left.some(({ lock }) => lock === name))
      : [];
  const garbage: Garbage[] = [
    ...goingItems.map((item) => ({ item })),
    ...going
      .toSorted((a, b) => Number(a.kind === "base") - Number(b.kind === "base"))
      .map((image) => ({ image })),
  ];
  return garbage.map((each) => ({ garbage: each, reason: "asked for" }));
}
