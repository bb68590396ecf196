import {
  type Relation,
  canonicalRelations,
  firstAlternatives,
  parseRelations,
  reduceRelations,
} from "../debian/relation.ts";
import type { SourcePackage } from "../debian/source-package.ts";
import { suite } from "../debian/suite.ts";
import type { Request } from "../environment/resolver.ts";
import { buildable } from "./buildable.ts";
import { architecturesOf, crossRelations, isCross } from "./cross.ts";
import type { BuildRequest, Wanted } from "./request.ts";

/**
 * The fields that say what a build needs, with their texts: by what of the source is built. `request` decides as for a plan.
 * @throws Failure what `planBuild` raises.
 */
export function relationFields(request: BuildRequest): readonly (readonly [text: string, field: string])[] {
  const { any, all } = buildable(request);
  const it = request.source.package;
  return [
    [it.buildDepends, "Build-Depends"],
    ...(any ? [[it.buildDependsArch, "Build-Depends-Arch"] as const] : []),
    ...(all ? [[it.buildDependsIndep, "Build-Depends-Indep"] as const] : []),
  ];
}

/** What the environment of a build must have and must not have. */
export function dependenciesOf(request: BuildRequest, { any, all }: Wanted): Request {
  const { source, target, profiles, added, choosing } = request;
  const it = source.package;
  const architectures = architecturesOf(request);
  const { host } = architectures;
  const join = (fields: readonly (readonly [text: string, name: string])[]): readonly Relation[] =>
    fields.flatMap(([text, name]) =>
      reduceRelations(parseRelations(text, name), { architecture: host, profiles }),
    );
  const depends = join([
    ...relationFields(request),
    ...(needsFakeroot(it, target.suite) ? [["fakeroot", "what builders add"] as const] : []),
    ...(isCross(architectures) ? [[crossRelations(host), "what cross builders add"] as const] : []),
    ...(request.ccache === undefined ? [] : [[request.ccache.program, "--ccache"] as const]),
  ]);
  const further = join((added?.depends ?? []).map((text) => [text, "--add-depends"]));
  const conflicts = join([
    [it.buildConflicts, "Build-Conflicts"],
    ...(any ? [[it.buildConflictsArch, "Build-Conflicts-Arch"] as const] : []),
    ...(all ? [[it.buildConflictsIndep, "Build-Conflicts-Indep"] as const] : []),
    ...(added?.conflicts ?? []).map((text) => [text, "--add-conflicts"] as const),
  ]);
  const chosen = choosing?.alternatives === "any" ? depends : firstAlternatives(depends);
  return {
    depends: canonicalRelations([...chosen, ...further]),
    conflicts: canonicalRelations(conflicts),
    ...(isCross(architectures) ? { host } : {}),
    ...(choosing?.solver === undefined ? {} : { solver: choosing.solver }),
    ...(choosing?.criteria === undefined ? {} : { criteria: choosing.criteria }),
    ...(choosing?.explainer === undefined ? {} : { explainer: choosing.explainer }),
  };
}

/** Absent, Rules-Requires-Root means `no` since dpkg 1.22.13 of trixie, and `binary-targets` before. */
function needsFakeroot({ rulesRequiresRoot }: SourcePackage, suiteName: string): boolean {
  if (rulesRequiresRoot !== null) return rulesRequiresRoot !== "no";
  return ["bullseye", "bookworm"].includes(suite(suiteName, { custom: true }).base);
}
