import type { StoredItem } from "../store/inventory.ts";
import type { KeptImage } from "./images.ts";
import type { KeptVolume } from "./kept-volumes.ts";

/** What may go. A rule that is null does not count. */
export interface GarbagePolicy {
  /** Not used for this long (milliseconds). */
  readonly olderThanMs: number | null;
  /** Of each kind of image for each target: more than so many. */
  readonly keepLast: number | null;
  /** All together more than that. */
  readonly maxBytes: number | null;
  /** Whatever was used within this time stays. */
  readonly idleMs: number;
}

/** What is there, as it may be thrown away. */
export type Garbage =
  | { readonly image: KeptImage }
  | { readonly item: StoredItem }
  | { readonly volume: KeptVolume };

export interface Removal {
  readonly garbage: Garbage;
  readonly reason: string;
}

/**
 * What to remove, in order: indices that newer ones have superseded first, then by age, by number, and by size, what was used
 * longest ago first. A base stays as long as anything stands on it; named environments stay.
 */
export function planGarbage(
  images: readonly KeptImage[],
  items: readonly StoredItem[],
  policy: GarbagePolicy,
  now: Date,
): readonly Removal[] {
  const desk = new Desk(images, items, policy, now);
  desk.removeAll(
    images.filter(({ isNamed }) => !isNamed),
    "it has no name any more",
  );
  desk.removeAll(
    images.filter((each) => isSuperseded(each, images)),
    "a newer index took its place",
  );
  if (policy.olderThanMs !== null) desk.removeUnused(policy.olderThanMs);
  if (policy.keepLast !== null) desk.removeSurplus(policy.keepLast);
  if (policy.maxBytes !== null) desk.removeUntil(policy.maxBytes);
  return desk.removals;
}

/** What of these a memo of that text was about is gone: it leads nowhere. */
export function leadsNowhere(text: string, digestsGone: ReadonlySet<string>): boolean {
  return (text.match(/sha256:[0-9a-f]{64}/g) ?? []).some((digest) => digestsGone.has(digest));
}

/** Bytes; of a volume the engine tells none. */
export function sizeOf(garbage: Garbage): number {
  if ("volume" in garbage) return 0;
  return "image" in garbage ? garbage.image.sizeBytes : garbage.item.sizeBytes;
}

function isSuperseded(image: KeptImage, all: readonly KeptImage[]): boolean {
  if (image.kind !== "index" || image.scope === null) return false;
  return all.some(({ scope, created }) => scope === image.scope && created > image.created);
}

class Desk {
  private readonly chosen = new Map<KeptImage | StoredItem, string>();
  private readonly images: readonly KeptImage[];
  private readonly items: readonly StoredItem[];
  private readonly policy: GarbagePolicy;
  private readonly now: Date;

  constructor(images: readonly KeptImage[], items: readonly StoredItem[], policy: GarbagePolicy, now: Date) {
    this.images = images;
    this.items = items;
    this.policy = policy;
    this.now = now;
  }

  get removals(): readonly Removal[] {
    return [...this.chosen].map(([each, reason]) => ({
      garbage: "paths" in each ? { item: each } : { image: each },
      reason,
    }));
  }

  removeUnused(ageMs: number): void {
    const old = ({ lastUsed }: KeptImage | StoredItem) => this.now.getTime() - lastUsed.getTime() >= ageMs;
    const reason = "not used for so long";
    this.removeAll(this.images.filter(old), reason);
    this.removeAll(this.items.filter(old), reason);
  }

  removeSurplus(count: number): void {
    const named = this.images.filter((each) => !this.chosen.has(each));
    for (const group of Map.groupBy(named, ({ kind, target }) => `${kind} ${target}`).values()) {
      this.removeAll(group.toSorted(latestFirst).slice(count), `${count} used later are kept`);
    }
  }

  removeUntil(maxBytes: number): void {
    for (;;) {
      const left = [...this.images, ...this.items].filter((each) => !this.chosen.has(each));
      const total = left.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      const next = left.toSorted(latestFirst).findLast((each) => this.mayGo(each) && each.sizeBytes > 0);
      if (total <= maxBytes || next === undefined) return;
      this.chosen.set(next, "all together is more than may be kept");
    }
  }

  /** Bases after the others, since they may go once nothing stands on them. */
  removeAll(garbage: readonly (KeptImage | StoredItem)[], reason: string): void {
    for (const each of [...garbage.filter((one) => !isBase(one)), ...garbage.filter(isBase)]) {
      if (!this.chosen.has(each) && this.mayGo(each)) this.chosen.set(each, reason);
    }
  }

  private mayGo(each: KeptImage | StoredItem): boolean {
    if (isLasting(each)) return false;
    if (this.now.getTime() - each.lastUsed.getTime() < this.policy.idleMs) return false;
    const left = this.images.filter((image) => !this.chosen.has(image));
    if (each.kind === "base") return !left.some(({ base }) => base === each.key);
    if (each.kind === "blob") return !left.some(({ lock }) => lock === each.name);
    return true;
  }
}

/** What somebody named is theirs, and can not be made again. */
function isLasting(each: KeptImage | StoredItem): boolean {
  return each.kind === "named" && "isNamed" in each && each.isNamed;
}

function isBase({ kind }: KeptImage | StoredItem): boolean {
  return kind === "base";
}

function latestFirst(a: { readonly lastUsed: Date }, b: { readonly lastUsed: Date }): number {
  return b.lastUsed.getTime() - a.lastUsed.getTime();
}
