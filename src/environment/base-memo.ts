import { type Digest, keyOf } from "../base/digest.ts";
import type { Repository } from "../debian/repository.ts";
import { Base } from "./base-image.ts";
import { baseReleases } from "./base-indices.ts";
import type { BaseRequest } from "./base-recipe.ts";
import { baseRepositories } from "./base-repositories.ts";
import { baseSuiteOf, recipeVersion } from "./bootstrap-plan.ts";
import type { Kiln } from "./kiln.ts";
import type { LockedRelease } from "./lock.ts";
import { imageReference } from "./names.ts";

/** The base under a key, to be resolved against the suites of the target at hand: more than one may stand on it. */
export async function findBase(
  kiln: Kiln,
  key: Digest,
  repositories: readonly Repository[],
): Promise<Base | null> {
  const base = await kiln.store.recall("base", key, Base);
  return base !== null && (await isPresent(kiln, base)) ? { ...base, repositories } : null;
}

/** The base that was made last for a target, whatever the archive was then; its image may be gone. */
export function latestBase(kiln: Kiln, wanted: BaseRequest): Promise<Base | null> {
  return kiln.store.recall("base-latest", latestKey(wanted), Base);
}

/** Whether a base's image is still there. */
export async function isPresent(kiln: Kiln, base: Base): Promise<boolean> {
  return (await kiln.engine.image(imageReference("base", base.digest))) !== null;
}

/** Keeps a base under its key, and as the newest of its target. */
export async function rememberBase(kiln: Kiln, wanted: BaseRequest, key: Digest, base: Base): Promise<void> {
  await kiln.store.remember("base", key, base);
  await kiln.store.remember("base-latest", latestKey(wanted), base);
}

/** What a base is made of, as far as that is known before it is made. */
export function baseKey(
  { target, recipe }: BaseRequest,
  repositories: readonly Repository[],
  releases: readonly LockedRelease[],
): Digest {
  const { architecture, components } = target;
  const suites = baseRepositories(repositories).map(({ suites, components, signedBy }) => ({
    suites,
    components,
    signedBy,
  }));
  const digests = baseReleases(repositories, releases).map(({ digest }) => digest);
  return keyOf({
    suite: baseSuiteOf(target),
    architecture,
    components,
    suites,
    digests,
    recipe,
    recipeVersion,
  });
}

/** Under this key lies the newest base of a target, whatever the archive was. */
export function latestKey({ target, recipe }: BaseRequest): Digest {
  return keyOf({ ...target, repositories: [], suite: baseSuiteOf(target), recipe, recipeVersion });
}
