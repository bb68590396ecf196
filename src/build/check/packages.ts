import { asFailure } from "../../base/failure.ts";
import type { BinaryPackage } from "../../debian/binary-package.ts";
import { buildRecipe } from "../../environment/base-recipe.ts";
import { fetchPackages } from "../../environment/fetch.ts";
import type { LockedPackage } from "../../environment/lock.ts";
import { planEnvironment } from "../../environment/plan.ts";
import { type DebFile, readDebFile } from "../../repository/deb-file.ts";
import type { Artifact } from "../result.ts";
import type { CheckBench, Subject } from "./check.ts";

/** A package that was built, without those of debugging symbols. */
export interface BuiltPackage {
  readonly artifact: Artifact;
  readonly control: BinaryPackage;
}

/** With all that is read of it. */
export interface BuiltDeb extends BuiltPackage {
  readonly deb: DebFile;
}

/** What the built packages say of themselves. @throws Failure what `readDebFile` raises. */
export async function builtPackages({ artifacts }: Subject, bench: CheckBench): Promise<readonly BuiltDeb[]> {
  const debs = artifacts.filter(({ name, kind }) => kind === "deb" && !isOfDebugSymbols(name));
  return Promise.all(
    debs.map(async (artifact) => {
      const deb = await readDeb(artifact.path, artifact.name, bench);
      return { artifact, control: deb.package, deb };
    }),
  );
}

/** Whether a .deb of this name has what debuggers read, which nobody compares or installs for itself. */
export function isOfDebugSymbols(name: string): boolean {
  return /-dbgsym_/.test(name);
}

/** Reads a .deb for a check. @throws Failure what `readDebFile` raises. */
export function readDeb(path: string, origin: string, { place }: CheckBench): Promise<DebFile> {
  return readDebFile(path, { origin, signal: place.kiln.signal });
}

/** A package of the archive, in the store. */
export interface ArchivedPackage {
  readonly locked: LockedPackage;
  readonly control: BinaryPackage;
}

/** With all that is read of it. */
export interface ArchivedDeb extends ArchivedPackage {
  readonly deb: DebFile;
}

/** What the archive's versions of packages say of themselves; of those that it has. @throws Failure what `archivedPackages` raises. */
export async function archivedDebs(
  names: readonly string[],
  bench: CheckBench,
): Promise<readonly ArchivedDeb[]> {
  const found = await archivedPackages(names, bench);
  const { store } = bench.place.kiln;
  return Promise.all(
    found.map(async (locked) => {
      const deb = await readDeb(store.blobPath(locked.sha256), `${locked.name} of the archive`, bench);
      return { locked, control: deb.package, deb };
    }),
  );
}

/** Brings the archive's versions of packages into the store: of those that it has, and that do not refuse one another. */
export async function archivedPackages(
  names: readonly string[],
  bench: CheckBench,
): Promise<readonly LockedPackage[]> {
  const { kiln, request } = bench.place;
  if (names.length === 0) return [];
  const wanted = {
    target: request.target,
    archive: request.archive,
    recipe: buildRecipe,
    request: { depends: names.toSorted().join(", "), conflicts: "" },
    subject: "check archive",
  };
  try {
    const { lock } = await planEnvironment(kiln, wanted, bench.task);
    const found = lock.packages.filter(({ name }) => names.includes(name));
    await fetchPackages(kiln, found, bench.task);
    return found;
  } catch (thrown) {
    const { code, message, details } = asFailure(thrown);
    if (code !== "unsatisfiable") throw thrown;
    const known = names.filter((name) => !isUnknown(name, `${message}\n${String(details["explanation"])}`));
    return known.length === names.length ? [] : await archivedPackages(known, bench);
  }
}

/** Whether apt's explanation says that the archive has no such package, as it has none that is new in this version. */
export function isUnknown(name: string, explanation: string): boolean {
  return explanation
    .split("\n")
    .some(
      (line) =>
        line.split(/[ ,]+/).includes(name) &&
        /not installable|no installation candidate|Unable to locate/.test(line),
    );
}
