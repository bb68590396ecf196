import { rm } from "node:fs/promises";
import type { Task } from "../base/event.ts";
import { type StoredMemo, leftovers, removeItem, storedItems, storedMemos } from "../store/inventory.ts";
import { type Garbage, type GarbagePolicy, type Removal, planGarbage, sizeOf } from "./gc-plan.ts";
import { staleMemos } from "./gc-memos.ts";
import { type KeptImage, keptImages, lastUse } from "./images.ts";
import { keptVolumes } from "./kept-volumes.ts";
import type { Kiln } from "./kiln.ts";
import { type ScrubRequest, planScrub } from "./scrub-plan.ts";
import { orphanedSteps, orphans, reapLeftovers, reapSteps } from "./reap.ts";
import { inOrder } from "./remove-images.ts";
import { planVolumeGarbage, planVolumeScrub } from "./volume-garbage.ts";

/** What was removed, or with `dryRun` what would be. */
export interface Collected {
  readonly dryRun: boolean;
  readonly removed: readonly Removal[];
  /** What something used meanwhile. */
  readonly kept: readonly Removal[];
  readonly freedBytes: number;
  /** Containers, images between steps, unfinished files and claims of processes that died. */
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
  // Before the images: what one that appears meanwhile needs and has just stored is then not among them.
  const items = await storedItems(kiln.store);
  const images = await keptImages(kiln);
  const now = new Date();
  const volumes = planVolumeGarbage(await keptVolumes(kiln), policy, now);
  const plan = [...planGarbage(images, items, policy, now), ...volumes];
  return await carryOut(kiln, plan, { images, policy, dryRun }, task);
}

/** Empties some caches. Safe beside running builds, as `collectGarbage` is. */
export async function scrubCaches(
  kiln: Kiln,
  request: ScrubRequest,
  { dryRun }: { readonly dryRun: boolean },
  task: Task,
): Promise<Collected> {
  const items = await storedItems(kiln.store);
  const images = await keptImages(kiln);
  const volumes = planVolumeScrub(await keptVolumes(kiln), request);
  const plan = [...planScrub(images, items, request), ...volumes];
  const policy = { olderThanMs: null, keepLast: null, maxBytes: null, idleMs: 0 };
  return await carryOut(kiln, plan, { images, policy, dryRun }, task);
}

interface Situation {
  readonly images: readonly KeptImage[];
  readonly policy: GarbagePolicy;
  readonly dryRun: boolean;
}

async function carryOut(
  kiln: Kiln,
  plan: readonly Removal[],
  { images, policy, dryRun }: Situation,
  task: Task,
): Promise<Collected> {
  if (dryRun) {
    const memos = (await memosToForget(kiln, plan, images, policy)).length;
    return {
      dryRun,
      removed: plan,
      kept: [],
      freedBytes: freed(plan),
      leftovers: await countLeftovers(kiln),
      memos,
    };
  }
  return task.step("gc", "Remove what is no longer kept", async (step) => {
    const removed: Removal[] = [];
    const kept: Removal[] = [];
    for (const [at, removal] of ordered(plan).entries()) {
      kiln.signal.throwIfAborted();
      const isGone = !isNeeded(removal, kept) && (await remove(kiln, removal.garbage));
      (isGone ? removed : kept).push(removal);
      step.progress(at + 1, plan.length, "items");
    }
    const memos = await memosToForget(kiln, removed, images, policy);
    for (const { path } of memos) await rm(path, { force: true });
    return {
      dryRun,
      removed,
      kept,
      freedBytes: freed(removed),
      leftovers: (await reapLeftovers(kiln)) + (await reapSteps(kiln)) + (await removeLeftovers(kiln)),
      memos: memos.length,
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
  const { key, lastUsed } = "volume" in garbage ? garbage.volume : garbage.image;
  const used = await lastUse(kiln, key);
  if (used !== null && used > lastUsed) return false;
  if ("volume" in garbage) return await kiln.engine.removeVolume(garbage.volume.volume);
  const { reference } = garbage.image;
  return (await kiln.engine.removeImage(reference)) || (await kiln.engine.image(reference)) === null;
}

async function removeLeftovers({ store }: Kiln): Promise<number> {
  const paths = await leftovers(store, Date.now());
  for (const path of paths) await rm(path, { recursive: true, force: true });
  return paths.length;
}

/** Leftovers that a dry run counts and no more. */
async function countLeftovers(kiln: Kiln): Promise<number> {
  const paths = await leftovers(kiln.store, Date.now());
  return paths.length + (await orphans(kiln)).length + (await orphanedSteps(kiln)).length;
}

/** The memos that go with what was removed, or would be. */
async function memosToForget(
  kiln: Kiln,
  removed: readonly Removal[],
  images: readonly KeptImage[],
  policy: GarbagePolicy,
): Promise<readonly StoredMemo[]> {
  const gone = removed.flatMap(({ garbage }) => ("item" in garbage ? [garbage.item.name] : []));
  const goneImages = new Set(removed.flatMap(({ garbage }) => ("image" in garbage ? [garbage.image] : [])));
  const bases = images.filter((image) => image.kind === "base" && !goneImages.has(image));
  return staleMemos(await storedMemos(kiln.store), {
    policy,
    gone: new Set(gone),
    bases: new Set(bases.map(({ key }) => key)),
    now: Date.now(),
  });
}
