import type { SourcePackage } from "../debian/source-package.ts";
import { withoutEpoch } from "../debian/version.ts";
import { buildDirectory } from "../environment/builder.ts";
import type { Request } from "../environment/resolver.ts";
import { requireOwnEntry, versionOf } from "./binary-rebuild.ts";
import { buildVariables } from "./build-variables.ts";
import { buildable } from "./buildable.ts";
import { cacheVariables } from "./cache-variables.ts";
import { cachedTreeName } from "./compiler-cache.ts";
import { architecturesOf, executionText, isCross, isEmulated } from "./cross.ts";
import { dependenciesOf } from "./dependencies.ts";
import { lacksOrig, origMissing, origWarning } from "./missing-orig.ts";
import type { BuildRequest, Wanted } from "./request.ts";
import type { BuildType } from "./sbuild-log.ts";
import { requireKnownFormat } from "./source/format.ts";
import type { Step } from "./step.ts";
import { stepsOf } from "./steps.ts";

/** Everything about a build that can be decided before anything runs. */
export interface BuildPlan {
  readonly source: SourcePackage;
  /** The packages' version: the source's, unless they are rebuilt as another. */
  readonly version: string;
  /** `NAME_VERSION` as file names have it, without the epoch. */
  readonly stem: string;
  /** `NAME_VERSION_ARCH`, of the .changes and of the results' directory. */
  readonly name: string;
  readonly buildType: BuildType;
  /** What the environment must have. */
  readonly dependencies: Request;
  /** Absolute path of the unpacked source inside. */
  readonly tree: string;
  /** Commands run one after the other by the builder, each with its section in the log. */
  readonly steps: readonly Step[];
  readonly environment: Readonly<Record<string, string>>;
  /** What a cache of compilers' output sets of it besides. */
  readonly cacheEnvironment: Readonly<Record<string, string>>;
  /** Whether it is a native, a cross or an emulated build, in words. */
  readonly execution: string;
  readonly warnings: readonly PlanWarning[];
}

export interface PlanWarning {
  readonly message: string;
  readonly hint?: string;
}

/**
 * Plans a build: pure, so that it can be shown, tested and keyed.
 * @throws Failure architecture-not-buildable, nothing-to-build, source-format-unsupported (package), bad-changelog (usage).
 */
export function planBuild(request: BuildRequest): BuildPlan {
  const { source, ccache } = request;
  requireKnownFormat(source.package);
  const rebuild = request.variation?.rebuild;
  if (rebuild !== undefined) requireOwnEntry(rebuild, source.package);
  const wanted = buildable(request);
  if (source.debianOnly === true && source.origTarballs.length === 0) throw origMissing(request);
  const architectures = architecturesOf(request);
  const version = versionOf(request);
  const { name } = source.package;
  const stem = `${name}_${withoutEpoch(version)}`;
  const buildType = buildTypeOf(wanted);
  const treeName = cachedTreeName(ccache?.program, name, source.treeName);
  const tree = `${buildDirectory}/${treeName}`;
  const environment = buildVariables(request);
  return {
    source: source.package,
    version,
    stem,
    name: `${stem}_${architectureWord(buildType, architectures.host)}`,
    buildType,
    dependencies: dependenciesOf(request, wanted),
    tree,
    steps: stepsOf(request, { treeName, tree, version, buildType }),
    environment,
    cacheEnvironment: ccache === undefined ? {} : cacheVariables(ccache, environment["PATH"] ?? ""),
    execution: executionText(architectures),
    warnings: warningsOf(request),
  };
}

function buildTypeOf({ any, all, source }: Wanted): BuildType {
  if (any && all) return source ? "full" : "binary";
  if (any) return source ? "source,any" : "any";
  if (all) return source ? "source,all" : "all";
  return "source";
}

/** The architecture in a .changes file's name (dpkg-genchanges(1)). */
function architectureWord(buildType: BuildType, architecture: string): string {
  if (buildType === "source") return "source";
  return buildType === "all" || buildType === "source,all" ? "all" : architecture;
}

function warningsOf(request: BuildRequest): PlanWarning[] {
  const architectures = architecturesOf(request);
  const { build, machine } = architectures;
  return [
    ...(request.wanted.source && lacksOrig(request) ? [{ message: origWarning(request) }] : []),
    ...(isEmulated(architectures) && !isCross(architectures)
      ? [
          {
            message: `Everything runs through qemu-user, for ${build} is foreign to ${machine}: that is many times slower`,
            hint: `Where the package supports it, --host ${build} instead of --arch builds with native compilers.`,
          },
        ]
      : []),
  ];
}
