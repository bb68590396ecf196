import { matchesArchitecture } from "../../debian/architecture.ts";
import {
  type Relation,
  firstAlternatives,
  formatRelations,
  parseRelations,
  profilesApply,
  reduceRelations,
} from "../../debian/relation.ts";
import type { BuiltBinary } from "../../debian/source-binaries.ts";
import { relationFields } from "../plan.ts";
import type { BuildRequest } from "../request.ts";
import type { Member, Need, Offer } from "./graph.ts";

/** A source of a chain: how it is built, and what it builds. */
export interface ChainSource {
  readonly request: BuildRequest;
  readonly binaries: readonly BuiltBinary[];
}

/** A source as its order goes by it, with the profiles that it is built with and perhaps further ones. */
export function memberOf({ request, binaries }: ChainSource, more: readonly string[] = []): Member {
  const profiled = { ...request, profiles: [...request.profiles, ...more] };
  return {
    id: request.source.package.name,
    needs: needsOf(profiled),
    offers: binaries.filter((each) => isBuilt(each, profiled)).map((each) => offerOf(each, profiled)),
  };
}

/** The profiles that restrict what a source needs: any of them may take an edge away. */
export function profilesNamed({ request }: ChainSource): readonly string[] {
  const words = relationFields(request).flatMap(([text, field]) =>
    parseRelations(text, field).flatMap(({ alternatives }) =>
      alternatives.flatMap(({ profiles }) => profiles.flat()),
    ),
  );
  return [...new Set(words.map((word) => word.replace(/^!/, "")))];
}

/** By the rule of Debian's builders: of alternatives the first counts. */
function needsOf(request: BuildRequest): readonly Need[] {
  const restrictions = restrictionsOf(request);
  return relationFields(request).flatMap(([text, field]) =>
    parseRelations(text, field).flatMap((whole) => {
      const relation = formatRelations([whole]);
      const reduced = firstAlternatives(reduceRelations([whole], restrictions));
      return namesIn(reduced).map((name) => ({ name, field, relation }));
    }),
  );
}

function offerOf({ name, provides, depends }: BuiltBinary, request: BuildRequest): Offer {
  const restrictions = restrictionsOf(request);
  const named = (text: string, field: string) =>
    namesIn(reduceRelations(parseRelations(text, field), restrictions));
  return { name, provides: named(provides, "Provides"), depends: named(depends, "Depends") };
}

function isBuilt({ architectures, profiles }: BuiltBinary, { target, ...request }: BuildRequest): boolean {
  if (!profilesApply(profiles, request.profiles)) return false;
  const { wanted } = request;
  return architectures.some((each) =>
    each === "all" ? wanted.all : wanted.any && matchesArchitecture(target.architecture, each),
  );
}

function restrictionsOf({ target: { architecture }, profiles }: BuildRequest) {
  return { architecture, profiles };
}

function namesIn(relations: readonly Relation[]): readonly string[] {
  return [...new Set(relations.flatMap(({ alternatives }) => alternatives.map(({ name }) => name)))];
}
