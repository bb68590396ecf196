import { Failure } from "../base/failure.ts";
import { nearest } from "../base/nearest.ts";
import { matchesArchitecture } from "./architecture.ts";
import { parseStanza } from "./deb822.ts";
import { words } from "./field.ts";
import {
  type Relation,
  type Restrictions,
  formatRelations,
  parseRelations,
  reduceRelations,
} from "./relation.ts";
import { compareVersions } from "./version.ts";

/** What a Sources index says of a source package, as far as it tells what needs what. */
export interface ArchiveSource {
  readonly name: string;
  readonly version: string;
  readonly architectures: readonly string[];
  readonly binaries: readonly string[];
  /** The fields of build dependencies with their texts. */
  readonly fields: readonly (readonly [field: string, text: string])[];
}

/** A source package that needs another package to be built. */
export interface ReverseNeed {
  readonly source: string;
  readonly version: string;
  /** The entries of its build dependencies that say so, with their fields. */
  readonly relations: readonly { readonly field: string; readonly relation: string }[];
}

/**
 * One stanza of a Sources index; null for one that is only there for what was built with it. Raises `bad-control-data`,
 * `field-missing`.
 */
export function archiveSource(text: string, origin: string): ArchiveSource | null {
  const stanza = parseStanza(text, origin, "infrastructure");
  if (stanza.get("Extra-Source-Only") === "yes") return null;
  return {
    name: stanza.require("Package"),
    version: stanza.require("Version"),
    architectures: words(stanza.get("Architecture") ?? "any"),
    binaries: (stanza.get("Binary") ?? "").split(",").flatMap(words),
    fields: dependencyFields.flatMap((field) => {
      const value = stanza.get(field);
      return value === null ? [] : [[field, words(value).join(" ")] as const];
    }),
  };
}

const dependencyFields = ["Build-Depends", "Build-Depends-Arch", "Build-Depends-Indep"] as const;

/** The newest version of each source. */
export function newestSources(sources: Iterable<ArchiveSource>): readonly ArchiveSource[] {
  const newest = new Map<string, ArchiveSource>();
  for (const each of sources) {
    const known = newest.get(each.name);
    if (known === undefined || compareVersions(known.version, each.version) < 0) newest.set(each.name, each);
  }
  return [...newest.values()];
}

/** The packages that a word of the user's means. @throws Failure package-unknown (usage). */
export function packagesMeant(word: string, sources: readonly ArchiveSource[]): readonly string[] {
  if (word.startsWith("src:")) {
    const name = word.slice("src:".length);
    const source = sources.find((each) => each.name === name);
    if (source !== undefined) return source.binaries;
    throw unknown(
      word,
      name,
      sources.map((each) => each.name),
    );
  }
  const isBuilt = sources.some(({ binaries }) => binaries.includes(word));
  // Virtual packages are built by nobody, but named.
  const isNamed = () =>
    sources.some(({ fields }) => fields.some(([, text]) => text.split(/[ ,|(:<[]+/).includes(word)));
  if (isBuilt || isNamed()) return [word];
  throw unknown(word, word, new Set(sources.flatMap(({ binaries }) => binaries)));
}

/** The sources that need any of some packages to be built, sorted by name; those that are not for the architecture are left out. */
export function reverseNeeds(
  sources: readonly ArchiveSource[],
  packages: ReadonlySet<string>,
  restrictions: Restrictions,
): readonly ReverseNeed[] {
  const { architecture } = restrictions;
  return sources
    .filter(({ architectures }) =>
      architectures.some((each) => each === "all" || matchesArchitecture(architecture, each)),
    )
    .map(({ name, version, fields }) => ({
      source: name,
      version,
      relations: fields.flatMap(([field, text]) => {
        // Most fields name none of them: what cannot match need not be parsed.
        if (!packages.values().some((each) => text.includes(each))) return [];
        return parseRelations(text, field)
          .filter((relation) => isAbout(relation, packages, restrictions))
          .map((relation) => ({ field, relation: formatRelations([relation]) }));
      }),
    }))
    .filter(({ relations }) => relations.length > 0)
    .toSorted((a, b) => (a.source < b.source ? -1 : 1));
}

function isAbout(relation: Relation, packages: ReadonlySet<string>, restrictions: Restrictions): boolean {
  return reduceRelations([relation], restrictions).some(({ alternatives }) =>
    alternatives.some(({ name }) => packages.has(name)),
  );
}

function unknown(word: string, name: string, candidates: Iterable<string>): Failure {
  const near = nearest(name, candidates);
  return new Failure("usage", "package-unknown", `The archive has no package ${word}`, {
    hint:
      near === null
        ? "Name a binary package, or src:NAME for all packages of a source; check the suite (-d)."
        : `Did you mean ${word.startsWith("src:") ? "src:" : ""}${near}?`,
  });
}
