import { isDigest } from "../base/digest.ts";
import type { Base } from "./base-image.ts";
import type { Image } from "../engine/engine.ts";
import type { Kiln } from "./kiln.ts";
import { type Lock, type LockedPackage, environmentKey, isSubset } from "./lock.ts";
import { imageReference, labels } from "./names.ts";
import { recallLock } from "./resolve.ts";

/** The image to start from and what it holds. */
export interface Start {
  readonly reference: string;
  readonly packages: readonly LockedPackage[];
  readonly kind: "base" | "environment";
}

/** Longer chains of layers than this are begun again from the base: each layer costs at every start of a container. */
const maxLayers = 12;

/**
 * Where to begin an installation: the cached environment of the same base that holds the most of what is wanted and
 * nothing else, or the base itself.
 */
export async function nearestEnvironment(kiln: Kiln, base: Base, lock: Lock): Promise<Start> {
  const images = await kiln.engine.images({ [labels.kind]: "environment", [labels.base]: base.digest });
  const bare: Start = {
    reference: imageReference("base", base.digest),
    packages: base.packages,
    kind: "base",
  };
  let best = bare;
  for (const image of images.filter(({ layers }) => layers < maxLayers)) {
    const packages = await packagesOf(kiln, image.labels);
    if (packages === null || packages.length <= best.packages.length || !isSubset(packages, lock.packages))
      continue;
    best = { reference: image.id, packages, kind: "environment" };
  }
  return best;
}

/**
 * Where the installation of a system begins: only ever at its own core or the base, so that its bytes do not depend on what
 * else was installed here before.
 */
export async function startOfSystem(
  kiln: Kiln,
  base: Base,
  core: { readonly lock: Lock; readonly reference: string } | null,
): Promise<Start> {
  if (core !== null && (await kiln.engine.image(core.reference)) !== null)
    return { reference: core.reference, packages: core.lock.packages, kind: "environment" };
  return { reference: imageReference("base", base.digest), packages: base.packages, kind: "base" };
}

/** Null for an image whose lock is lost, and for one that was installed by another recipe. */
async function packagesOf(
  kiln: Kiln,
  { [labels.lock]: digest, [labels.key]: key }: Image["labels"],
): Promise<readonly LockedPackage[] | null> {
  if (digest === undefined || !isDigest(digest)) return null;
  const lock = await recallLock(kiln, digest);
  return lock !== null && environmentKey(lock) === key ? lock.packages : null;
}
