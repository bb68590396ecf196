import { Failure } from "../base/failure.ts";
import { matchesArchitecture } from "./architecture.ts";
import { words } from "./field.ts";

export type Operator = "<<" | "<=" | "=" | ">=" | ">>";

/** One package that a relation names. Empty lists mean that there is no restriction. */
export interface Dependency {
  readonly name: string;
  /** What stands after the colon: `any`, `native` or an architecture. */
  readonly qualifier: string | null;
  readonly version: { readonly operator: Operator; readonly version: string } | null;
  /** `[linux-any !s390x]` */
  readonly architectures: readonly string[];
  /** `<!nocheck !stage1> <cross>`: any list of which all hold. */
  readonly profiles: readonly (readonly string[])[];
}

/** One entry of a relationship field: any of its alternatives satisfies it. */
export interface Relation {
  readonly alternatives: readonly Dependency[];
}

/** What restrictions are matched against. */
export interface Restrictions {
  /** The architecture for which is built. */
  readonly architecture: string;
  readonly profiles: readonly string[];
}

/**
 * A relationship field as Debian Policy 7.1 and deb-src-control(5) have it, in the build dependencies' syntax.
 * `origin` names the field in messages. Raises `bad-relation`.
 */
export function parseRelations(field: string, origin: string): readonly Relation[] {
  return splitList(field, ",")
    .map((entry) => ({ alternatives: splitList(entry, "|").map((text) => parseDependency(text, origin)) }))
    .filter(({ alternatives }) => alternatives.length > 0);
}

/** Drops what does not apply and takes the restrictions off the rest, as dpkg does (Dpkg::Deps, reduce_restrictions). */
export function reduceRelations(
  relations: readonly Relation[],
  restrictions: Restrictions,
): readonly Relation[] {
  return relations
    .map(({ alternatives }) => ({
      alternatives: alternatives
        .filter((dependency) => applies(dependency, restrictions))
        .map((dependency) => ({ ...dependency, architectures: [], profiles: [] })),
    }))
    .filter(({ alternatives }) => alternatives.length > 0);
}

/**
 * The first alternative of each relation, and those directly after it of the same package: what Debian's builders
 * install, so that builds do not depend on what happens to be available (sbuild, RESOLVE_ALTERNATIVES off).
 */
export function firstAlternatives(relations: readonly Relation[]): readonly Relation[] {
  return relations.map(({ alternatives }) => {
    const end = alternatives.findIndex(({ name }) => name !== alternatives[0]?.name);
    return { alternatives: end < 0 ? alternatives : alternatives.slice(0, end) };
  });
}

/** The field's text in dpkg's own form. */
export function formatRelations(relations: readonly Relation[]): string {
  return relations.map(formatRelation).join(", ");
}

/** Text that is equal for fields which differ only in spacing, order or repetition of their entries: for cache keys. */
export function canonicalRelations(relations: readonly Relation[]): string {
  return [...new Set(relations.map(formatRelation))].toSorted().join(", ");
}

/** Parts between separators; empty ones at the end do not count, as in dpkg. */
function splitList(text: string, separator: string): string[] {
  const parts = text.split(separator).map((part) => part.trim());
  return parts.slice(0, parts.findLastIndex((part) => part !== "") + 1);
}

const form = new RegExp(
  [
    /^(?<name>[a-zA-Z0-9][a-zA-Z0-9+.-]*)/,
    /(?::(?<qualifier>[a-zA-Z0-9][a-zA-Z0-9-]*))?/,
    /(?:\s*\(\s*(?<operator><<|<=|=|>=|>>|<|>)\s*(?<version>[A-Za-z0-9.+~:-]+)\s*\))?/,
    /(?:\s*\[(?<architectures>[^\]]*)\])?/,
    /(?<profiles>(?:\s*<[^<>]*>)*)$/,
  ]
    .map(({ source }) => source)
    .join(""),
);

function parseDependency(text: string, origin: string): Dependency {
  const { name, qualifier, operator, version, architectures, profiles } = form.exec(text)?.groups ?? {};
  if (name === undefined) throw bad(text, origin);
  const architectureList = words(architectures ?? "");
  const profileLists = [...(profiles ?? "").matchAll(/<([^<>]*)>/g)].map(([, list = ""]) => words(list));
  if (architectures !== undefined && architectureList.length === 0) throw bad(text, origin);
  if (!architectureList.every((word) => /^!?[a-zA-Z0-9][a-zA-Z0-9-]*$/.test(word))) throw bad(text, origin);
  if (
    profileLists.some(
      (list) => list.length === 0 || !list.every((word) => /^!?[a-zA-Z0-9][a-zA-Z0-9+.-]*$/.test(word)),
    )
  ) {
    throw bad(text, origin);
  }
  const normal = operators.get(operator ?? "");
  return {
    name,
    qualifier: qualifier ?? null,
    version: normal === undefined || version === undefined ? null : { operator: normal, version },
    architectures: architectureList,
    profiles: profileLists,
  };
}

/** The single forms are deprecated and mean "or equal" (Debian Policy 7.1). */
const operators: ReadonlyMap<string, Operator> = new Map([
  ["<<", "<<"],
  ["<=", "<="],
  ["=", "="],
  [">=", ">="],
  [">>", ">>"],
  ["<", "<="],
  [">", ">="],
]);

function bad(text: string, origin: string): Failure {
  return new Failure(
    "package",
    "bad-relation",
    `${origin} has ${JSON.stringify(text.slice(0, 200))}, which is no relation`,
    {
      hint: "Write relations as `name (>= version) [architecture] <profile>`, separated by commas (Debian Policy 7.1).",
      details: { origin, text },
    },
  );
}

function applies({ architectures, profiles }: Dependency, restrictions: Restrictions): boolean {
  return (
    architecturesApply(architectures, restrictions.architecture) &&
    profilesApply(profiles, restrictions.profiles)
  );
}

/** The first entry that says something about the architecture decides (Dpkg::Arch, debarch_is_concerned). */
function architecturesApply(list: readonly string[], architecture: string): boolean {
  if (list.length === 0) return true;
  for (const entry of list.map((word) => word.toLowerCase())) {
    if (matchesArchitecture(architecture, entry.replace(/^!/, ""))) return !entry.startsWith("!");
  }
  return list.some((entry) => entry.startsWith("!"));
}

/** Whether a formula in disjunctive normal form holds, such as a binary package's Build-Profiles. Empty ones do. */
export function profilesApply(formula: readonly (readonly string[])[], active: readonly string[]): boolean {
  const holds = (word: string) =>
    word.startsWith("!") ? !active.includes(word.slice(1)) : active.includes(word);
  return formula.length === 0 || formula.some((list) => list.every(holds));
}

function formatRelation({ alternatives }: Relation): string {
  return alternatives.map(formatDependency).join(" | ");
}

function formatDependency({ name, qualifier, version, architectures, profiles }: Dependency): string {
  return [
    qualifier === null ? name : `${name}:${qualifier}`,
    ...(version === null ? [] : [`(${version.operator} ${version.version})`]),
    ...(architectures.length === 0 ? [] : [`[${architectures.join(" ")}]`]),
    ...profiles.map((list) => `<${list.join(" ")}>`),
  ].join(" ");
}
