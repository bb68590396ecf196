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
import { rebuildable } from "../binary-rebuild.ts";
import { relationFields } from "../dependencies.ts";
import type { BuildRequest } from "../request.ts";
import { architecturesOf, isCross } from "../cross.ts";
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
  const added = (request.added?.depends ?? []).map((text) => [text, "--add-depends"] as const);
  return [...relationFields(request), ...added].flatMap(([text, field]) =>
    parseRelations(text, field).flatMap((whole) => {
      const relation = formatRelations([whole]);
      const reduced = firstAlternatives(reduceRelations([whole], restrictions));
      return namesIn(reduced.filter((each) => mayBeMade(each, request))).map((name) => ({
        name,
        field,
        relation,
      }));
    }),
  );
}

/** What a cross build asks of the builder's own architecture no source of the chain makes. */
function mayBeMade({ alternatives }: Relation, request: BuildRequest): boolean {
  return !isCross(architecturesOf(request)) || alternatives.some(({ qualifier }) => qualifier !== "native");
}

function offerOf({ name, provides, depends }: BuiltBinary, request: BuildRequest): Offer {
  const restrictions = restrictionsOf(request);
  const named = (text: string, field: string) =>
    namesIn(reduceRelations(parseRelations(text, field), restrictions));
  return { name, provides: named(provides, "Provides"), depends: named(depends, "Depends") };
}

function isBuilt({ architectures, profiles }: BuiltBinary, request: BuildRequest): boolean {
  if (!profilesApply(profiles, request.profiles)) return false;
  const { variation, wanted: asked } = request;
  const wanted = variation?.rebuild === undefined ? asked : rebuildable(variation.rebuild, asked);
  const { host } = architecturesOf(request);
  return architectures.some((each) =>
    each === "all" ? wanted.all : wanted.any && matchesArchitecture(host, each),
  );
}

/** Restrictions are about what packages are made for, as dpkg-checkbuilddeps(1) has it. */
function restrictionsOf(request: BuildRequest) {
  return { architecture: architecturesOf(request).host, profiles: request.profiles };
}

function namesIn(relations: readonly Relation[]): readonly string[] {
  return [...new Set(relations.flatMap(({ alternatives }) => alternatives.map(({ name }) => name)))];
}
