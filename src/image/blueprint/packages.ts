import { type Relation, canonicalRelations, parseRelations } from "../../debian/relation.ts";
import type { PackagePlan } from "../plan.ts";
import type { BlueprintPackage } from "./blueprint.ts";
import type { Inputs } from "./inputs.ts";
import type { Machine } from "./machine.ts";
import { type WantedPackage, sorted } from "./part.ts";
import { problem } from "./problem.ts";
import type { Definition } from "./read.ts";
import { preferencesOf } from "./suites.ts";

/** All packages of an image: those that the definition lists, and those that its other keys and booting need. @throws Failure definition-invalid-value (usage). */
export function packagePlan(
  definition: Definition,
  needed: readonly WantedPackage[],
  inputs: Inputs,
  machine: Machine,
): PackagePlan {
  const { blueprint } = definition;
  const { debian } = blueprint;
  const wanted = [
    ...listed(blueprint.packages, machine, "packages"),
    ...listed(blueprint.modules, machine, "modules"),
    ...tasks(definition),
    ...needed,
  ];
  const relations = relationsOf(wanted.map(({ relation }) => relation));
  return {
    relations,
    depends: canonicalRelations(relations),
    reasons: reasonsOf(wanted),
    recommends: debian.recommends,
    recipe: {
      purpose: "image",
      variant: debian.variant,
      pathExcludes: debian.path_excludes,
      pathIncludes: debian.path_includes,
      debconf: debian.debconf,
    },
    preferences: preferencesOf(definition),
    suites: debian.suites.map(({ name }) => name),
    debs: inputs.debs,
    lock: debian.lock === undefined ? null : inputs.file(debian.lock),
  };
}

function listed(packages: readonly BlueprintPackage[], machine: Machine, from: string): WantedPackage[] {
  return packages
    .filter(isFor(machine))
    .map(({ name, version }) => ({ relation: relationText(name, version), from }));
}

/** Whether a package of a definition is for a machine. */
export function isFor({ name }: Machine): (each: BlueprintPackage) => boolean {
  return ({ architectures }) => architectures === undefined || architectures.includes(name);
}

/** A version without an operator is that very one. */
function relationText(name: string, version: string): string {
  if (version === "*") return name;
  const [, operator = "=", number = version] = /^(<<|<=|=|>=|>>)\s*(.*)$/.exec(version) ?? [];
  return `${name} (${operator} ${number})`;
}

function tasks({ blueprint, place }: Definition): WantedPackage[] {
  return blueprint.groups.map(({ name }, index) => {
    if (name === "standard") {
      throw problem(place, ["groups", String(index), "name"], {
        code: "definition-invalid-value",
        message: "the task standard is no package, but Debian's packages of that priority",
        hint: 'Set variant = "standard" under [debian].',
      });
    }
    return { relation: `task-${name.replace(/^task-/, "")}`, from: "groups" };
  });
}

/** Sorted, each once. */
function relationsOf(texts: readonly string[]): readonly Relation[] {
  return sorted(texts).flatMap((text) => parseRelations(text, "the definition"));
}

function reasonsOf(wanted: readonly WantedPackage[]): Readonly<Record<string, readonly string[]>> {
  const reasons = Map.groupBy(wanted, ({ relation }) => relation);
  return Object.fromEntries(
    sorted(reasons.keys()).map((each) => [each, sorted((reasons.get(each) ?? []).map(({ from }) => from))]),
  );
}
