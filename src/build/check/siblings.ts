import type { BinaryPackage } from "../../debian/binary-package.ts";
import { type Relation, canonicalRelations, parseRelations } from "../../debian/relation.ts";
import { isSatisfied, satisfies } from "../../debian/satisfies.ts";

/**
 * The packages of these names, and those of the same source that they depend on: of several alternatives the first that is among
 * them and refuses none that was chosen. In the order of `built`.
 */
export function withSiblings(
  names: Iterable<string>,
  built: readonly BinaryPackage[],
): readonly BinaryPackage[] {
  const wanted = new Set(names);
  const chosen = completed(
    { complete: [], added: built.filter(({ name }) => wanted.has(name)) },
    { built, refuse: refusalsAmong(built) },
  );
  return built.filter((each) => chosen.includes(each));
}

/**
 * Packages in as few groups as go together, each with its siblings: those of which one conflicts with, or breaks, this version of
 * another, or what that provides, are in different ones.
 */
export function installableGroups(built: readonly BinaryPackage[]): readonly (readonly BinaryPackage[])[] {
  const among = { built, refuse: refusalsAmong(built) };
  const groups: (readonly BinaryPackage[])[] = [];
  for (const each of built) {
    if (groups.some((group) => group.includes(each))) continue;
    const joined = groups.map((group) => completed({ complete: group, added: [each] }, among));
    const home = joined.findIndex(
      (group) => !group.some((one) => group.some((other) => among.refuse(one, other))),
    );
    const found = joined[home];
    if (found === undefined) groups.push(completed({ complete: [], added: [each] }, among));
    else groups[home] = found;
  }
  return groups.map((group) => built.filter((each) => group.includes(each)));
}

type Refusal = (one: BinaryPackage, other: BinaryPackage) => boolean;

interface Among {
  readonly built: readonly BinaryPackage[];
  readonly refuse: Refusal;
}

interface Growing {
  /** Packages among which are all siblings that they need. */
  readonly complete: readonly BinaryPackage[];
  readonly added: readonly BinaryPackage[];
}

function completed({ complete, added }: Growing, among: Among): readonly BinaryPackage[] {
  const chosen = [...complete, ...added];
  // The list grows while it is walked, and is walked to its end.
  for (let index = complete.length; index < chosen.length; index++)
    for (const relation of chosen.slice(index, index + 1).flatMap(dependenciesOf)) {
      const found = isSatisfied(relation, chosen) ? undefined : siblingFor(relation, chosen, among);
      if (found !== undefined) chosen.push(found);
    }
  return chosen;
}

function siblingFor(
  { alternatives }: Relation,
  chosen: readonly BinaryPackage[],
  { built, refuse }: Among,
): BinaryPackage | undefined {
  const able = alternatives.flatMap((each) => built.filter((other) => satisfies(other, each)));
  return able.find((each) => !chosen.some((other) => refuse(each, other) || refuse(other, each))) ?? able[0];
}

/** Reads what the packages refuse once, for all questions. A package refuses others only, whatever it provides (Policy 7.6.2). */
function refusalsAmong(built: readonly BinaryPackage[]): Refusal {
  const refused = new Map(
    built.map((one) => {
      const named = one.fields
        .filter(([field]) => /^(conflicts|breaks)$/i.test(field))
        .flatMap(([field, value]) =>
          parseRelations(value.split(/\s+/).join(" ").trim(), `${field} of ${one.name}`),
        )
        .flatMap(({ alternatives }) => alternatives);
      const others = built.filter(({ name }) => name !== one.name);
      return [one, new Set(others.filter((other) => named.some((each) => satisfies(other, each))))];
    }),
  );
  return (one, other) => refused.get(one)?.has(other) ?? false;
}

/** What packages need that are installed together, and none of them is or provides. */
export function needsOf(packages: readonly BinaryPackage[]): string {
  const names = new Set(packages.map(({ name }) => name));
  const needed = packages
    .flatMap(dependenciesOf)
    .filter((relation) => !isSatisfied(relation, packages))
    // The archive's version of one of them is none that can be had beside it: dpkg will tell.
    .map(({ alternatives }) => ({ alternatives: alternatives.filter(({ name }) => !names.has(name)) }))
    .filter(({ alternatives }) => alternatives.length > 0);
  return canonicalRelations(needed);
}

function dependenciesOf({ name, depends, preDepends }: BinaryPackage): readonly Relation[] {
  return [
    ...parseRelations(preDepends, `Pre-Depends of ${name}`),
    ...parseRelations(depends, `Depends of ${name}`),
  ];
}
