import { rm } from "node:fs/promises";
import type { Task } from "../base/event.ts";
import { leftovers, removeItem, storedItems, storedMemos } from "../store/inventory.ts";
import {
  type Garbage,
  type GarbagePolicy,
  type Removal,
  leadsNowhere,
  planGarbage,
  sizeOf,
} from "./gc-plan.ts";
import { keptImages, lastUse } from "./images.ts";
import type { Kiln } from "./kiln.ts";
import { reapLeftovers } from "./reap.ts";
import { inOrder } from "./remove-images.ts";

/** What was removed, or with `dryRun` what would be. */
export interface Collected {
  readonly dryRun: boolean;
  readonly removed: readonly Removal[];
  /** What something used meanwhile. */
  readonly kept: readonly Removal[];
  readonly freedBytes: number;
  /** Containers, unfinished files and claims of processes that died. */
  readonly leftovers: number;
  /** Memos that led to nothing any more. */
  readonly memos: number;
}

/**
 * Removes what a policy no longer keeps of images and downloads, and what dead processes left behind. Safe beside running
 * builds: what they use is not removed, and what they then miss is made or fetched again.
 */
export async function collectGarbage(
  kiln: Kiln,
  policy: GarbagePolicy,
  { dryRun }: { readonly dryRun: boolean },
  task: Task,
): Promise<Collected> {
  const plan = planGarbage(await keptImages(kiln), await storedItems(kiln.store), policy, new Date());
  if (dryRun) return { dryRun, removed: plan, kept: [], freedBytes: freed(plan), leftovers: 0, memos: 0 };
  return task.step("gc", "Remove what is no longer kept", async (step) => {
    const removed: Removal[] = [];
    const kept: Removal[] = [];
    for (const [at, removal] of ordered(plan).entries()) {
      kiln.signal.throwIfAborted();
      const isGone = !isNeeded(removal, kept) && (await remove(kiln, removal.garbage));
      (isGone ? removed : kept).push(removal);
      step.progress(at + 1, plan.length, "items");
    }
    return {
      dryRun,
      removed,
      kept,
      freedBytes: freed(removed),
      leftovers: (await reapLeftovers(kiln)) + (await removeLeftovers(kiln)),
      memos: await forget(kiln, removed, policy),
    };
  });
}

function freed(removals: readonly Removal[]): number {
  return removals.reduce((sum, { garbage }) => sum + sizeOf(garbage), 0);
}

/** Items, then images, bases last. */
function ordered(plan: readonly Removal[]): readonly Removal[] {
  const images = plan.flatMap((each) => ("image" in each.garbage ? [each.garbage.image] : []));
  const places = new Map(inOrder(images).map((image, at) => [image, at]));
  const placeOf = ({ garbage }: Removal) => ("image" in garbage ? (places.get(garbage.image) ?? 0) : -1);
  return plan.toSorted((a, b) => placeOf(a) - placeOf(b));
}

/** Whether it is the base of something that was to go and stayed. */
function isNeeded({ garbage }: Removal, kept: readonly Removal[]): boolean {
  if (!("image" in garbage) || garbage.image.kind !== "base") return false;
  const { key } = garbage.image;
  return kept.some(({ garbage: each }) => "image" in each && each.image.base === key);
}

async function remove(kiln: Kiln, garbage: Garbage): Promise<boolean> {
  if ("item" in garbage) return removeItem(garbage.item);
  const { key, reference, lastUsed } = garbage.image;
  const used = await lastUse(kiln, key);
  if (used !== null && used > lastUsed) return false;
  return (await kiln.engine.removeImage(reference)) || (await kiln.engine.image(reference)) === null;
}

async function removeLeftovers({ store }: Kiln): Promise<number> {
  const paths = await leftovers(store, Date.now());
  for (const path of paths) await rm(path, { recursive: true, force: true });
  return paths.length;
}

/** Memos that tell of removed blobs, and old ones: what they told is found out again. */
async function forget(
  kiln: Kiln,
  removed: readonly Removal[],
  { olderThanMs, idleMs }: GarbagePolicy,
): Promise<number> {
  const names = removed.flatMap(({ garbage }) => ("item" in garbage ? [garbage.item.name] : []));
  const gone = new Set(names);
  let count = 0;
  for (const { kind, path, text, written } of await storedMemos(kiln.store)) {
    const age = Date.now() - written.getTime();
    const isOld = olderThanMs !== null && age >= olderThanMs && age >= idleMs && kind !== "base-latest";
    const isVain = blobMemos.has(kind) && leadsNowhere(text, gone);
    if (!isOld && !isVain) continue;
    await rm(path, { force: true });
    count++;
  }
  return count;
}

/** The kinds of memo that are worth nothing without the blob that they name. */
const blobMemos: ReadonlySet<string> = new Set(["resolution", "last-lock", "release"]);
