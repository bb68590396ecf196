import { Failure } from "../base/failure.ts";
import { matchesArchitecture } from "../debian/architecture.ts";
import {
  type Relation,
  canonicalRelations,
  firstAlternatives,
  parseRelations,
  profilesApply,
  reduceRelations,
} from "../debian/relation.ts";
import type { SourcePackage } from "../debian/source-package.ts";
import { suite } from "../debian/suite.ts";
import { withoutEpoch } from "../debian/version.ts";
import { buildDirectory, builder } from "../environment/builder.ts";
import type { Request } from "../environment/resolver.ts";
import { entryStep, rebuildable, requireOwnEntry, versionOf } from "./binary-rebuild.ts";
import { cacheVariables } from "./cache-variables.ts";
import { cachedTreeName } from "./compiler-cache.ts";
import {
  architecturesOf,
  crossRelations,
  crossVariables,
  executionText,
  isCross,
  isEmulated,
} from "./cross.ts";
import { overlayStep } from "./overlay.ts";
import type { BuildRequest, Wanted } from "./request.ts";
import type { BuildType } from "./sbuild-log.ts";
import { requireKnownFormat } from "./source/format.ts";
import type { Step } from "./step.ts";

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
  const { source } = request;
  requireKnownFormat(source.package);
  const rebuild = request.variation?.rebuild;
  if (rebuild !== undefined) requireOwnEntry(rebuild, source.package);
  const { host } = architecturesOf(request);
  const wanted = buildable(request);
  if (source.debianOnly === true && source.origTarballs.length === 0) throw origMissing(request);
  const version = versionOf(request);
  const { name } = source.package;
  const rebuilt = { name, version, suite: request.target.suite, architecture: host };
  const stem = `${name}_${withoutEpoch(version)}`;
  const buildType = buildTypeOf(wanted);
  const { ccache } = request;
  const treeName = cachedTreeName(ccache?.program, name, source.treeName);
  const tree = `${buildDirectory}/${treeName}`;
  const environment = environmentOf(request);
  return {
    source: source.package,
    version,
    stem,
    name: `${stem}_${architectureWord(buildType, host)}`,
    buildType,
    dependencies: dependenciesOf(request, wanted),
    tree,
    steps: [
      ...unpackStep(request, treeName),
      ...(source.debianOnly === true ? [overlayStep(request, buildDirectory, tree)] : []),
      ...(rebuild === undefined ? [] : [entryStep(rebuild, rebuilt, tree)]),
      buildStep(request, tree, buildType),
    ],
    environment,
    cacheEnvironment: ccache === undefined ? {} : cacheVariables(ccache, environment["PATH"] ?? ""),
    execution: executionText(architecturesOf(request)),
    warnings: warningsOf(request),
  };
}

/** What is wanted and can be built here. A tree whose original tarball is missing gives binaries only. */
function buildable(asked: BuildRequest): Wanted {
  const rebuild = asked.variation?.rebuild;
  const request = rebuild === undefined ? asked : { ...asked, wanted: rebuildable(rebuild, asked.wanted) };
  const { source, profiles } = request;
  const { host } = architecturesOf(request);
  const built = source.package.packages.filter((each) => profilesApply(each.profiles, profiles));
  const isHere = (pattern: string) => pattern !== "all" && matchesArchitecture(host, pattern);
  const any = built.length === 0 || built.some(({ architectures }) => architectures.some(isHere));
  const all = built.length === 0 || built.some(({ architectures }) => architectures.includes("all"));
  const whole = request.wanted.any && request.wanted.all && any;
  const wanted: Wanted = {
    any: request.wanted.any && any,
    all: request.wanted.all && (all || whole),
    source: request.wanted.source && !lacksOrig(request),
  };
  if (wanted.any || wanted.all || wanted.source) return wanted;
  const { name } = source.package;
  if (request.wanted.source && !request.wanted.any && !request.wanted.all) throw origMissing(request);
  if (request.wanted.any && !any && !all) {
    const architectures = [...new Set(built.flatMap(({ architectures }) => architectures))].join(" ");
    throw new Failure(
      "package",
      "architecture-not-buildable",
      `${name} is not for ${host}, but for ${architectures}`,
      {
        hint: "Choose another architecture with --arch, or with --host for a cross build.",
      },
    );
  }
  throw new Failure("package", "nothing-to-build", `${name} has nothing of what was asked for`, {
    hint: "Leave out -A, --arch-any or --arch-all to build all that there is for this architecture.",
  });
}

function origMissing(request: BuildRequest): Failure {
  const { name, version } = request.source.package;
  return new Failure(
    "package",
    "orig-tarball-missing",
    `The source of ${name} ${version} needs ${origName(request)}, which is not beside the tree${triedText(request)}`,
    {
      hint: "Put it there (`origtargz`, `gbp export-orig`), or have it fetched: --orig=archive or --orig=uscan.",
    },
  );
}

function triedText({ source: { origTried = [] } }: BuildRequest): string {
  return origTried.length === 0 ? "" : `, nor to be had by ${origTried.join("; ")}`;
}

function origName({ source }: BuildRequest): string {
  const { name, version } = source.package;
  return `${name}_${withoutEpoch(version).replace(/-[^-]*$/, "")}.orig.tar.*`;
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

function dependenciesOf(request: BuildRequest, { any, all }: Wanted): Request {
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

/** A tree comes unpacked, by its own name. */
function unpackStep({ source }: BuildRequest, treeName: string): Step[] {
  const step = { phase: "unpack", directory: buildDirectory } as const;
  if (source.dscName !== null) {
    // Checksums were compared, and signatures looked at, before the source came here.
    const argv = ["dpkg-source", "--no-check", "-x", source.dscName, treeName];
    return [{ ...step, title: "Unpack source", argv }];
  }
  if (source.treeName === treeName) return [];
  return [{ ...step, title: "Rename source", argv: ["mv", "-T", "--", source.treeName, treeName] }];
}

function buildStep(request: BuildRequest, tree: string, buildType: BuildType): Step {
  const architectures = architecturesOf(request);
  const argv = [
    "dpkg-buildpackage",
    "--sanitize-env",
    "-us",
    "-uc",
    `--build=${buildType}`,
    ...(isCross(architectures) ? [`--host-arch=${architectures.host}`] : []),
    ...(request.variation?.buildpackage ?? []),
  ];
  return { phase: "build", title: "dpkg-buildpackage", argv, directory: tree };
}

/** As Debian's builders have it: some of it ends in the .buildinfo, all of it can end in packages. */
function environmentOf(request: BuildRequest): Readonly<Record<string, string>> {
  const { profiles, buildOptions, jobs } = request;
  const architectures = architecturesOf(request);
  const words = [...buildOptions, ...(jobs === null ? [] : [`parallel=${jobs}`])];
  return {
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/games:/usr/games",
    HOME: builder.home,
    LOGNAME: builder.name,
    USER: builder.name,
    SHELL: "/bin/sh",
    LANG: "C.UTF-8",
    LC_ALL: "C.UTF-8",
    ...(words.length === 0 ? {} : { DEB_BUILD_OPTIONS: words.join(" ") }),
    ...(profiles.length === 0 ? {} : { DEB_BUILD_PROFILES: profiles.join(" ") }),
    ...(isCross(architectures) ? crossVariables(architectures.host) : {}),
    // Else it is that of the container from which the environment's image was made.
    ...(request.provisions?.hostname === undefined ? {} : { HOSTNAME: request.provisions.hostname }),
    ...request.variation?.variables,
  };
}

function lacksOrig({ source }: BuildRequest): boolean {
  const { format, version } = source.package;
  const isNative = format === "3.0 (native)" || !version.includes("-");
  return source.layout === "tree" && !isNative && source.origTarballs.length === 0;
}

function warningsOf(request: BuildRequest): PlanWarning[] {
  const architectures = architecturesOf(request);
  const { build, machine } = architectures;
  return [
    ...(request.wanted.source && lacksOrig(request)
      ? [
          {
            message: `There is no ${origName(request)} beside the tree${triedText(request)}: only binaries are built`,
          },
        ]
      : []),
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
