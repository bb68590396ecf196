import { z } from "zod";
import { type Digest, DigestText, keyOf } from "../base/digest.ts";
import { AptChoice } from "./apt-choice.ts";

/** One binary package of a resolved set. */
export const LockedPackage = z.strictObject({
  name: z.string(),
  version: z.string(),
  architecture: z.string(),
  sha256: DigestText,
  sizeBytes: z.int().nonnegative(),
  uri: z.string(),
});
export type LockedPackage = z.infer<typeof LockedPackage>;

/** One signed index that the set was resolved from. */
export const LockedRelease = z.strictObject({ uri: z.string(), digest: DigestText });
export type LockedRelease = z.infer<typeof LockedRelease>;

/**
 * The whole resolved set of an environment, base packages included: what a build ran in, to the byte. Packages are sorted
 * by name and architecture.
 */
export const Lock = z.strictObject({
  schemaVersion: z.literal(1),
  suite: z.string(),
  architecture: z.string(),
  /** Digest of the base image's root filesystem tar (its OCI diff id). */
  base: DigestText,
  packages: z.array(LockedPackage).readonly(),
  releases: z.array(LockedRelease).readonly(),
  /** How apt was told to choose from these; absent for its own way. */
  apt: AptChoice.optional(),
});
export type Lock = z.infer<typeof Lock>;

/**
 * Raised in the same change that lets `installPackages` leave another file system for the same packages: other options of
 * apt or dpkg, another environment of maintainer scripts, other files removed afterwards. Environments made before are then
 * made anew. (What a base is made of has a version of its own, `recipeVersion` of bootstrap-plan.ts.)
 */
export const installRecipe = 2;

/** The key of the environment that a lock describes: the base and the packages, wherever they came from, and how they are installed. */
export function environmentKey(lock: Lock): Digest {
  const packages = lock.packages.map(({ name, version, architecture, sha256 }) => [
    name,
    version,
    architecture,
    sha256,
  ]);
  return keyOf({ base: lock.base, packages, recipe: installRecipe });
}

/** How one set of packages becomes another. */
export interface Difference {
  readonly install: readonly LockedPackage[];
  /** Names as apt takes them, with the architecture. */
  readonly remove: readonly LockedPackage[];
}

/** What is to be installed and removed to come from one set to another. */
export function difference(from: readonly LockedPackage[], to: readonly LockedPackage[]): Difference {
  const had = new Map(from.map((each) => [identity(each), each]));
  const wanted = new Set(to.map(identity));
  // A package that goes from `all` to an architecture or back is replaced by its namesake, not removed.
  const replaced = new Set(to.filter(({ architecture }) => architecture === "all").map(({ name }) => name));
  const all = new Set(from.filter(({ architecture }) => architecture === "all").map(({ name }) => name));
  const wantedNames = new Set(to.map(({ name }) => name));
  const isReplaced = (name: string) => replaced.has(name) || (all.has(name) && wantedNames.has(name));
  return {
    install: to.filter((each) => had.get(identity(each))?.sha256 !== each.sha256),
    remove: from.filter((each) => !wanted.has(identity(each)) && !isReplaced(each.name)),
  };
}

/** The difference in words, for people: `libfoo 1.2 -> 1.3`, `+ libbar 1`, `- libbaz 2`. */
export function describeDifference(from: readonly LockedPackage[], to: readonly LockedPackage[]): string[] {
  const had = new Map(from.map((each) => [identity(each), each]));
  const { install, remove } = difference(from, to);
  return [
    ...install.map((each) => {
      const before = had.get(identity(each));
      if (before === undefined) return `+ ${each.name} ${each.version}`;
      if (before.version === each.version) return `${each.name} ${each.version} (other bytes)`;
      return `${each.name} ${before.version} -> ${each.version}`;
    }),
    ...remove.map((each) => `- ${each.name} ${each.version}`),
  ];
}

/** Whether each package of the first set is in the second, to the byte: a rebuilt package keeps its version. */
export function isSubset(part: readonly LockedPackage[], whole: readonly LockedPackage[]): boolean {
  const digests = new Map(whole.map((each) => [identity(each), each.sha256]));
  return part.every((each) => digests.get(identity(each)) === each.sha256);
}

/** A set of packages with others put upon it. A new package takes the place of its namesake, unless the two are of different real architectures (multiarch). */
export function overlay(base: readonly LockedPackage[], added: readonly LockedPackage[]): LockedPackage[] {
  const architectures = Map.groupBy(added, ({ name }) => name);
  const isReplaced = (old: LockedPackage) =>
    (architectures.get(old.name) ?? []).some(
      ({ architecture }) =>
        architecture === old.architecture || architecture === "all" || old.architecture === "all",
    );
  return sortPackages([...base.filter((each) => !isReplaced(each)), ...added]);
}

/** Sorted as a lock has them. */
export function sortPackages(packages: Iterable<LockedPackage>): LockedPackage[] {
  return [...packages].toSorted((a, b) =>
    identity(a) < identity(b) ? -1 : identity(a) > identity(b) ? 1 : 0,
  );
}

/** What tells two installed packages apart: dpkg allows one version of each name and architecture. */
export function identity(each: Pick<LockedPackage, "name" | "architecture">): string {
  return `${each.name}:${each.architecture}`;
}
