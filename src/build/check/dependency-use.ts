import type { Relation } from "../../debian/relation.ts";
import type { Verdict } from "./outcome.ts";

/** A package of the environment that a build was traced in. */
export interface InstalledPackage {
  readonly name: string;
  readonly isEssential: boolean;
  readonly provides: readonly string[];
  /** Every name in its Depends and Pre-Depends, alternatives included. */
  readonly needs: readonly string[];
}

/** Packages by what the build opened of them. */
export interface UsedPackages {
  /** Anything. */
  readonly files: ReadonlySet<string>;
  /** Headers or pkg-config's files. */
  readonly headers: ReadonlySet<string>;
}

/**
 * A relation is of no use when the build opened no file of what it brings: the package itself and what that needs, beyond
 * what each build has (Policy 4.2). A package is missing when its headers were read and no relation names it.
 */
export function judgeDependencies(
  relations: readonly Relation[],
  installed: readonly InstalledPackage[],
  used: UsedPackages,
): Verdict {
  const graph = new Graph(installed);
  const always = graph.reach([
    "build-essential",
    ...installed.filter(({ isEssential }) => isEssential).map(({ name }) => name),
  ]);
  const asked = relations.map(({ alternatives }) => alternatives.map(({ name }) => name));
  const unused = asked.filter((names) => {
    const brought = [...graph.reach(names)].filter((name) => !always.has(name));
    // What is there anyway may be asked for in a certain version.
    return brought.length > 0 && !brought.some((name) => used.files.has(name));
  });
  const direct = new Set(asked.flatMap((names) => graph.named(names)));
  const missing = [...used.headers].filter((name) => !direct.has(name) && !always.has(name)).toSorted();
  const words = [
    ...(unused.length === 0 ? [] : [`unused: ${unused.map((names) => names.join(" | ")).join(", ")}`]),
    ...(missing.length === 0 ? [] : [`headers that come only through others: ${missing.join(", ")}`]),
  ];
  if (unused.length > 0) return { status: "warn", summary: words.join("; ") };
  if (missing.length > 0) return { status: "info", summary: words.join("; ") };
  return { status: "pass", summary: "each is used, and none is missing" };
}

/** What brings what. */
class Graph {
  readonly #needs: ReadonlyMap<string, readonly string[]>;
  readonly #providers: ReadonlyMap<string, readonly string[]>;

  constructor(installed: readonly InstalledPackage[]) {
    this.#needs = new Map(installed.map(({ name, needs }) => [name, needs]));
    const pairs = installed.flatMap(({ name, provides }) =>
      [name, ...provides].map((each) => ({ each, name })),
    );
    this.#providers = new Map(
      [...Map.groupBy(pairs, ({ each }) => each)].map(([each, found]) => [
        each,
        found.map(({ name }) => name),
      ]),
    );
  }

  /** The installed packages that are, or provide, one of these. */
  named(names: readonly string[]): readonly string[] {
    return names.flatMap((name) => this.#providers.get(name) ?? []);
  }

  /** Those, and all that they need. */
  reach(names: readonly string[]): ReadonlySet<string> {
    const reached = new Set(this.named(names));
    // A set that grows while it is walked is walked to its end.
    for (const name of reached) for (const each of this.named(this.#needs.get(name) ?? [])) reached.add(each);
    return reached;
  }
}
