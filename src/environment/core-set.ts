import { parseDeb822 } from "../debian/deb822.ts";
import { parseRelations } from "../debian/relation.ts";
import { type LockedPackage, identity } from "./lock.ts";

/**
 * Those of a system's packages that something else in it needs, with the base's own: all but the leaves. They are installed
 * and kept first, so that a leaf which changes finds them there. `control` has the packages' control data as apt-cache(8)
 * shows it; a package that it does not tell of needs nothing.
 */
export function coreSet(
  base: readonly LockedPackage[],
  packages: readonly LockedPackage[],
  control: string,
): readonly LockedPackage[] {
  const needed = neededNames(control);
  const original = new Set(base.map(identity));
  return packages.filter((each) => original.has(identity(each)) || needed.has(each.name));
}

/** Names of all packages that one of the stanzas depends on, directly or as the provider of what it depends on. */
function neededNames(control: string): ReadonlySet<string> {
  const stanzas = parseDeb822(control, "apt-cache show");
  const needed = new Set<string>();
  const providers = new Map<string, Set<string>>();
  for (const stanza of stanzas) {
    const name = stanza.get("Package") ?? "";
    for (const provided of namesIn(stanza.get("Provides")))
      providers.set(provided, (providers.get(provided) ?? new Set()).add(name));
    for (const field of ["Depends", "Pre-Depends"])
      for (const other of namesIn(stanza.get(field))) if (other !== name) needed.add(other);
  }
  for (const name of needed) for (const provider of providers.get(name) ?? []) needed.add(provider);
  return needed;
}

function namesIn(field: string | null): string[] {
  if (field === null || field.trim() === "") return [];
  return parseRelations(field, "apt-cache show").flatMap((relation) =>
    relation.alternatives.map(({ name }) => name),
  );
}
