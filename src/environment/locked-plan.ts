import { canonicalJson } from "../base/digest.ts";
import { Failure } from "../base/failure.ts";
import type { Base } from "./base-image.ts";
import type { BaseRecipe } from "./base-recipe.ts";
import { isPresent } from "./base-memo.ts";
import type { Kiln } from "./kiln.ts";
import { type Lock, type LockedPackage, environmentKey } from "./lock.ts";
import { imageReference } from "./names.ts";
import { nearestEnvironment, startOfSystem } from "./nearest-environment.ts";

/** An environment that is not to be resolved: it is known to the byte. */
export interface LockedSet {
  readonly lock: Lock;
  /** What the base image has. */
  readonly basePackages: readonly LockedPackage[];
}

/**
 * Plans an environment by its lock: no archive is asked and no resolver runs. A system's begins at its base, never at what
 * was installed for another.
 * @throws Failure base-missing (dependency).
 */
export async function planLocked(
  kiln: Kiln,
  { lock, basePackages }: LockedSet,
  purpose: BaseRecipe["purpose"],
) {
  const base: Base = { digest: lock.base, repositories: [], packages: basePackages };
  const key = environmentKey(lock);
  const reference = imageReference("environment", key);
  const image = await kiln.engine.image(reference);
  if (image === null && !(await isPresent(kiln, base))) throw baseMissing(lock);
  const lockDigest = await kiln.store.putBytes(canonicalJson(lock));
  const nearest = () =>
    purpose === "image" ? startOfSystem(kiln, base, null) : nearestEnvironment(kiln, base, lock);
  const start =
    image === null ? await nearest() : { reference, packages: lock.packages, kind: "environment" as const };
  const found = image === null ? `to be installed on ${start.kind}` : "the same set of packages is there";
  const decisions = [
    { layer: "base", outcome: "hit", reason: "the lock's", changes: [] },
    { layer: "resolution", outcome: "hit", reason: "the lock's", changes: [] },
    { layer: "environment", outcome: image === null ? "miss" : "hit", reason: found, changes: [] },
  ] as const;
  return { base, lock, lockDigest, key, reference, image, start, decisions };
}

/** The failure of a lock whose base is not in the engine. */
export function baseMissing({ base, suite, architecture }: Lock): Failure {
  return new Failure(
    "dependency",
    "base-missing",
    `The lock's base ${base} (${suite} ${architecture}) is not in this engine`,
    {
      hint: "Name what `debkiln fetch` brought, which has the base in it, instead of the lock alone.",
      details: { base },
    },
  );
}
