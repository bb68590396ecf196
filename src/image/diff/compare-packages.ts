import { compareVersions } from "../../debian/version.ts";
import type { InstalledPackage } from "../layers/dpkg-status.ts";

/** A package whose version is not the same on both sides; null where it is not installed. */
export interface PackageChange {
  readonly name: string;
  readonly architecture: string;
  readonly source: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly direction: "added" | "removed" | "upgraded" | "downgraded";
}

/** What changed of what is installed, sorted by name and architecture. */
export function comparePackages(
  before: readonly InstalledPackage[],
  after: readonly InstalledPackage[],
): readonly PackageChange[] {
  const [old, now] = [byIdentity(before), byIdentity(after)];
  const identities = [...new Set([...old.keys(), ...now.keys()])].toSorted();
  return identities.flatMap(
    (identity) => changeOf(old.get(identity) ?? null, now.get(identity) ?? null) ?? [],
  );
}

function byIdentity(packages: readonly InstalledPackage[]): ReadonlyMap<string, InstalledPackage> {
  const installed = packages.filter(({ isInstalled }) => isInstalled);
  return new Map(installed.map((each) => [`${each.name} ${each.architecture}`, each]));
}

function changeOf(before: InstalledPackage | null, after: InstalledPackage | null): PackageChange | null {
  const either = after ?? before;
  if (either === null || before?.version === after?.version) return null;
  const { name, architecture, source } = either;
  return {
    name,
    architecture,
    source,
    before: before?.version ?? null,
    after: after?.version ?? null,
    direction: directionOf(before?.version ?? null, after?.version ?? null),
  };
}

function directionOf(before: string | null, after: string | null): PackageChange["direction"] {
  if (before === null) return "added";
  if (after === null) return "removed";
  return compareVersions(before, after) <= 0 ? "upgraded" : "downgraded";
}
