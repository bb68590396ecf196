import type { GarbagePolicy, Removal } from "./gc-plan.ts";
import type { KeptVolume } from "./kept-volumes.ts";
import type { ScrubRequest } from "./scrub-plan.ts";

/**
 * The compiler caches that a policy no longer keeps: by age, and by number for each target. Engines do not tell what they hold,
 * so a bound of all together does not count them; each has a bound of its own.
 */
export function planVolumeGarbage(
  volumes: readonly KeptVolume[],
  { olderThanMs, keepLast, idleMs }: GarbagePolicy,
  now: Date,
): readonly Removal[] {
  const ageOf = ({ lastUsed }: KeptVolume) => now.getTime() - lastUsed.getTime();
  const latestFirst = volumes.toSorted((a, b) => ageOf(a) - ageOf(b));
  const surplus = new Set(
    keepLast === null
      ? []
      : [...Map.groupBy(latestFirst, ({ target }) => target).values()].flatMap((each) =>
          each.slice(keepLast),
        ),
  );
  return volumes
    .filter((volume) => ageOf(volume) >= idleMs)
    .flatMap((volume) => {
      if (olderThanMs !== null && ageOf(volume) >= olderThanMs)
        return [{ garbage: { volume }, reason: "not used for so long" }];
      return surplus.has(volume) ? [{ garbage: { volume }, reason: `${keepLast} used later are kept` }] : [];
    });
}

/** The compiler caches that a scrub asks for. */
export function planVolumeScrub(
  volumes: readonly KeptVolume[],
  { caches, target }: ScrubRequest,
): readonly Removal[] {
  if (!caches.includes("compilers")) return [];
  return volumes
    .filter((volume) => target === null || volume.target === target)
    .map((volume) => ({ garbage: { volume }, reason: "asked for" }));
}
