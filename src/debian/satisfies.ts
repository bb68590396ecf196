import type { BinaryPackage } from "./binary-package.ts";
import { type Dependency, type Operator, type Relation, parseRelations } from "./relation.ts";
import { compareVersions } from "./version.ts";

/** As much of a package as says what it is. */
export type Offered = Pick<BinaryPackage, "name" | "version" | "architecture" | "provides">;

/**
 * Whether the package is what the dependency names, or provides it: a dependency with a version is met only by a Provides that has
 * one too (Debian Policy 7.5). Alike for what a package conflicts with. @throws Failure bad-relation, bad-version (package).
 */
export function satisfies(offered: Offered, { name, qualifier, version }: Dependency): boolean {
  const { architecture } = offered;
  const isForeign = qualifier !== null && !/^(any|native)$/.test(qualifier) && qualifier !== architecture;
  if (isForeign && architecture !== "all") return false;
  const fits = (own: string | null) =>
    version === null || (own !== null && holds[version.operator](compareVersions(own, version.version)));
  if (offered.name === name && fits(offered.version)) return true;
  // Most provide nothing of the kind, which can be seen without reading it.
  if (!offered.provides.includes(name)) return false;
  return parseRelations(offered.provides, `Provides of ${offered.name}`)
    .flatMap(({ alternatives }) => alternatives)
    .some((each) => each.name === name && fits(each.version?.version ?? null));
}

/** Whether any alternative is met by any of the packages. */
export function isSatisfied({ alternatives }: Relation, packages: readonly Offered[]): boolean {
  return alternatives.some((each) => packages.some((one) => satisfies(one, each)));
}

const holds: Readonly<Record<Operator, (order: -1 | 0 | 1) => boolean>> = {
  "<<": (order) => order < 0,
  "<=": (order) => order <= 0,
  "=": (order) => order === 0,
  ">=": (order) => order >= 0,
  ">>": (order) => order > 0,
};
