import { codenames, suite } from "../debian/suite.ts";
import type { TargetDefinition } from "../environment/target.ts";
import type { Execution } from "../environment/emulation.ts";

/** A target that may be named with --target. */
export interface ListedTarget {
  readonly name: string;
  readonly suite: string;
  readonly architecture: string;
  readonly origin: "yours" | "built-in";
  readonly execution: Execution;
  /** Whether it is what is built for when nothing else is said. */
  readonly isDefault: boolean;
  /** Whether a base for it is in the engine; null when no engine answers. */
  readonly hasBase: boolean | null;
}

/** What the list is made of. */
export interface TargetFacts {
  readonly definitions: Readonly<Record<string, TargetDefinition>>;
  readonly default: {
    readonly name: string | undefined;
    readonly suite: string;
    readonly architecture: string;
  };
  readonly executions: ReadonlyMap<string, Execution>;
  /** The targets on the bases in the engine; null when no engine answers. */
  readonly bases: readonly string[] | null;
}

/** The user's own targets, then debian-SUITE-ARCH of every suite for every architecture that runs here, native ones first. */
export function listTargets(facts: TargetFacts): readonly ListedTarget[] {
  const { definitions, executions } = facts;
  const own = Object.entries(definitions).map(([name, { suite: suiteName, architecture }]) =>
    listed(facts, "yours", {
      name,
      suite: suiteName ?? facts.default.suite,
      architecture: architecture ?? facts.default.architecture,
    }),
  );
  const runnable = [...executions].filter(([, execution]) => execution !== "impossible");
  const ordered = runnable.toSorted(
    ([a, first], [b, second]) =>
      Number(second === "native") - Number(first === "native") ||
      Number(b === facts.default.architecture) - Number(a === facts.default.architecture),
  );
  const builtIn = ordered.flatMap(([architecture]) =>
    codenames().map((codename) =>
      listed(facts, "built-in", {
        name: `debian-${codename}-${architecture}`,
        suite: codename,
        architecture,
      }),
    ),
  );
  return [...own, ...builtIn];
}

function listed(
  { default: chosen, executions, bases }: TargetFacts,
  origin: "yours" | "built-in",
  { name, suite: suiteName, architecture }: { name: string; suite: string; architecture: string },
): ListedTarget {
  const nameOfDefault = chosen.name ?? `debian-${chosen.suite}-${chosen.architecture}`;
  const wanted = baseName(suiteName, architecture);
  return {
    name,
    suite: suiteName,
    architecture,
    origin,
    execution: executions.get(architecture) ?? "impossible",
    isDefault: name === nameOfDefault,
    hasBase: bases === null ? null : bases.some((each) => baseNameOf(each) === wanted),
  };
}

/** The base of an overlay such as backports is its suite's. */
function baseName(suiteName: string, architecture: string): string {
  return `${suite(suiteName, { custom: true }).base} ${architecture}`;
}

function baseNameOf(target: string): string | null {
  const [, suiteName, architecture] = /^debian-(.+)-([a-z0-9]+)$/.exec(target) ?? [];
  return suiteName === undefined || architecture === undefined ? null : baseName(suiteName, architecture);
}
