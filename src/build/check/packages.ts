import { asFailure } from "../../base/failure.ts";
import type { BinaryPackage } from "../../debian/binary-package.ts";
import { buildRecipe } from "../../environment/base-recipe.ts";
import { fetchPackages } from "../../environment/fetch.ts";
import type { LockedPackage } from "../../environment/lock.ts";
import { planEnvironment } from "../../environment/plan.ts";
import { readDebFile } from "../../repository/deb-file.ts";
import type { Artifact } from "../result.ts";
import type { CheckBench, Subject } from "./check.ts";

/** A package that was built, without those of debugging symbols. */
export interface BuiltPackage {
  readonly artifact: Artifact;
  readonly control: BinaryPackage;
}

/** What the built packages say of themselves. @throws Failure what `readDebFile` raises. */
export async function builtPackages(
  { artifacts }: Subject,
  { place }: CheckBench,
): Promise<readonly BuiltPackage[]> {
  const { signal } = place.kiln;
  const debs = artifacts.filter(({ name, kind }) => kind === "deb" && !/-dbgsym_/.test(name));
  return Promise.all(
    debs.map(async (artifact) => {
      const { package: control } = await readDebFile(artifact.path, { origin: artifact.name, signal });
      return { artifact, control };
    }),
  );
}

/** Brings the archive's versions of packages into the store; null when it has not all of them. */
export async function archivedPackages(
  names: readonly string[],
  { place, task }: CheckBench,
): Promise<readonly LockedPackage[] | null> {
  const { kiln, request } = place;
  const wanted = {
    target: request.target,
    archive: request.archive,
    recipe: buildRecipe,
    request: { depends: names.toSorted().join(", "), conflicts: "" },
    subject: "check archive",
  };
  try {
    const { lock } = await planEnvironment(kiln, wanted, task);
    const found = lock.packages.filter(({ name }) => names.includes(name));
    await fetchPackages(kiln, found, task);
    return found;
  } catch (thrown) {
    if (asFailure(thrown).code === "unsatisfiable") return null;
    throw thrown;
  }
}
