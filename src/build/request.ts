import type { Limits } from "../engine/engine.ts";
import type { Archive } from "../environment/archive.ts";
import type { LockedSet } from "../environment/locked-plan.ts";
import type { NamedEnvironment } from "../environment/named/find.ts";
import type { Provisions } from "../environment/provisions.ts";
import type { Explainer, Solver } from "../environment/solver.ts";
import type { Target } from "../environment/target.ts";
import type { Variation } from "../environment/variation.ts";
import type { Attestations } from "./attest.ts";
import type { WantedChecks } from "./check/outcome.ts";
import type { Hook } from "./hook/hook.ts";
import type { LoadedPlugin } from "./plugin/load.ts";
import type { CompilerCache } from "./compiler-cache.ts";
import type { OpenedSource } from "./source.ts";
import type { Trust } from "./trust.ts";

/** Which packages of a source are wanted. */
export interface Wanted {
  /** Architecture-dependent binaries (sbuild(1), --arch-any). */
  readonly any: boolean;
  /** Architecture-independent binaries (sbuild(1), --arch-all). */
  readonly all: boolean;
  /** The source package itself (sbuild -s). */
  readonly source: boolean;
}

/** What is wanted or unwanted in the environment whatever the source says (sbuild --add-depends, --add-conflicts). */
export interface AddedRelations {
  readonly depends: readonly string[];
  readonly conflicts: readonly string[];
}

export interface Choosing {
  readonly solver?: Solver | undefined;
  /** What aspcud prefers among solutions (sbuild --aspcud-criteria). */
  readonly criteria?: string | undefined;
  /** `any`: whatever of several alternatives can be had (sbuild --resolve-alternatives). */
  readonly alternatives: "first" | "any";
  readonly explainer?: Explainer | undefined;
}

/** How a build is bounded in time, in milliseconds. */
export interface Deadlines {
  readonly totalMs: number;
  /** Without a byte of output. */
  readonly silenceMs: number;
}

/** One build, as decided by whoever asks for it. */
export interface BuildRequest {
  readonly source: OpenedSource;
  readonly target: Target;
  readonly archive: Archive;
  /** The architecture of the packages, when the target's tools shall cross-build for another; absent for the target's. */
  readonly host?: string | undefined;
  /** The architecture of the machine that runs the environment; absent when it is the target's. */
  readonly machine?: string | undefined;
  /** The environment to build in, when that is not to be resolved. */
  readonly locked?: LockedSet | undefined;
  /** The named environment to build in, instead of one that has what the source needs and nothing else. */
  readonly named?: NamedEnvironment | undefined;
  readonly wanted: Wanted;
  readonly profiles: readonly string[];
  /** Words of DEB_BUILD_OPTIONS beside `parallel=`. */
  readonly buildOptions: readonly string[];
  /** How the build departs from what the source alone would give; absent for not at all. */
  readonly variation?: Variation | undefined;
  /** Relations beside the source's own, in the syntax of Build-Depends. */
  readonly added?: AddedRelations | undefined;
  /** How the packages are chosen; absent for apt's own way among first alternatives, as Debian's builders do it. */
  readonly choosing?: Choosing | undefined;
  /** Whether a .changes of the source alone is left beside that of everything. */
  readonly sourceChanges?: boolean | undefined;
  /** What the build's container has beside its environment; absent for nothing. */
  readonly provisions?: Provisions | undefined;
  /** `parallel=N`; null for as many as the environment has processors. */
  readonly jobs: number | null;
  /** The cache that compilers' output is taken from and put into; absent for none. */
  readonly ccache?: CompilerCache | undefined;
  /** What the user bounds; processes are bounded in any case. */
  readonly limits: Limits;
  /** The most bytes that the build's writable places may hold; null bounds them only by what the disk must keep free. */
  readonly diskBytes: number | null;
  /** How far the source is trusted; absent for entirely. */
  readonly trust?: Trust | undefined;
  readonly deadlines: Deadlines;
  /** The proofs that are left with the results; absent for none. */
  readonly attestations?: Attestations | undefined;
  /** What is done with the results before they are handed over; absent for nothing. */
  readonly checks?: WantedChecks | undefined;
  /** The user's commands that run beside it, those of one point in this order; absent for none. */
  readonly hooks?: readonly Hook[] | undefined;
  /** Patterns of the build's files that are kept beside its results; absent for none. */
  readonly keepFiles?: readonly string[] | undefined;
  /** The user's plugins that are told of it; absent for none. */
  readonly plugins?: readonly LoadedPlugin[] | undefined;
  /** Absolute: results go to a directory of their own in it. */
  readonly output: string;
  /** Called with the container of a failed build before it ends. */
  readonly onFailure: ((failed: FailedBuild) => Promise<void>) | null;
  /** As `onFailure`, for a build that succeeded; absent when nothing is done with its container. */
  readonly onSuccess?: BuildRequest["onFailure"];
}

/** A failed build's container, for a look inside. */
export interface FailedBuild {
  /** Runs a shell on the terminal, in the build tree. */
  shell(): Promise<void>;
  /** Keeps the container's file system as an image; gives its reference. */
  keep(): Promise<string>;
}

/** Whose environment it is: what this had last time explains what it lacks now. */
export function subjectOf({ source, host }: Pick<BuildRequest, "source" | "host">): string {
  return host === undefined ? source.package.name : `${source.package.name} for ${host}`;
}
