import type { Readable } from "node:stream";
import type { Task } from "../../base/event.ts";
import type { About } from "../../engine/engine.ts";
import type { Kiln } from "../../environment/kiln.ts";
import type { Confinement } from "../../environment/confinement.ts";
import type { LockedSet } from "../../environment/locked-plan.ts";
import type { Request } from "../../environment/resolver.ts";
import type { Tool } from "../../environment/tool-recipe.ts";
import type { BuildRequest } from "../request.ts";
import type { BuildPlan } from "../plan.ts";
import type { OpenedSource } from "../source.ts";
import type { Artifact } from "../result.ts";
import type { EarlierBuild } from "./earlier-build.ts";
import type { CheckName, CheckOutcome, Verdict } from "./outcome.ts";

/** What was built, as checks see it. */
export interface Subject {
  /** `NAME_VERSION_ARCH`, of the .changes. */
  readonly name: string;
  readonly source: OpenedSource;
  /** Of the packages. */
  readonly architecture: string;
  /** How it was built. */
  readonly build: Pick<BuildPlan, "dependencies" | "buildType" | "environment">;
  /** What it was built in. */
  readonly locked: LockedSet | undefined;
  /** How much disk space the build took, in KiB; null when that is not known. */
  readonly spaceKib: number | null;
  /** The build's log, complete up to here. */
  readonly log: string;
  /** The last build that these results can be compared with; null when there is none. */
  readonly earlier: EarlierBuild | null;
  readonly artifacts: readonly Artifact[];
}

/** In what a check runs: the base and what its packages come to, never what the build ran in. */
export interface CheckEnvironment {
  /** With what its recipe in `Containerfiles/` installs. */
  readonly tool?: Tool;
  /** What depends on what was built; nothing where absent. */
  readonly request?: Request;
  /** A file system in memory that its containers have. */
  readonly tmpfs?: Confinement["tmpfs"];
  /** The packages themselves, where they are known: nothing is resolved then. */
  readonly locked?: LockedSet | undefined;
  /** `engine`: of the engine's own architecture, for what runs no code of the package and so need not be emulated. */
  readonly architecture: "engine" | "target";
  /** `build`: what the build's container had beside its environment, the container of another build of the same has too. */
  readonly provisions?: "build";
}

/** One container's worth of a check. */
export interface Trial {
  readonly title: string;
  /** What is known before anything runs, in lines for the logs. */
  readonly preface?: readonly string[];
  readonly environment: CheckEnvironment;
  /** Tars that are unpacked in `checkDirectory` before. */
  readonly content: readonly (() => Readable | Promise<Readable>)[];
  readonly argv: readonly string[];
  readonly user: "builder" | "root";
  /**
   * All that its command reads beside its environment, where that is to be run once: the same of it gives the same output. Absent
   * for what is run each time, as what has a `next` must be.
   */
  readonly inputs?: () => Promise<unknown>;
  readonly judge: (ending: Ending) => Verdict;
  /** What it comes to when the archive has not what the environment needs; absent where that says nothing of the package. */
  readonly unavailable?: Verdict;
  /** What it comes to when it does not end in time, where that is other than `timeout`. */
  readonly hung?: Verdict;
  /** What is to be looked at next, with files of this container by their path while it is there; its verdict does not count. */
  readonly next?: (verdict: Verdict, take: (path: string) => () => Promise<Readable>) => Trial | null;
}

/** A part of a check for which nothing has to run. */
export interface Settled {
  readonly title: string;
  readonly verdict: Verdict;
}

/** How a trial's command ended. */
export interface Ending {
  readonly exitCode: number;
  /** What it printed: the end of it, when that was long. */
  readonly output: string;
}

/** What the environments of checks are made of. */
export interface CheckPlace {
  readonly kiln: Kiln;
  readonly request: BuildRequest;
  /** What the engine says of itself; null when it does not. */
  readonly about: () => Promise<About | null>;
}

/** A file for other tools, `NAME_VERSION_ARCH.CHECK.ENDING`, and the exit code that the original would have. */
export interface CheckRecord {
  readonly ending: string;
  readonly text: string;
  readonly exitCode: number;
}

/** With what a check finds out what there is to do. */
export interface CheckBench {
  readonly place: CheckPlace;
  readonly task: Task;
}

/** A check of what was built, as data: where it runs, what it does, and how that is judged. */
export interface Check {
  readonly name: CheckName;
  /** The environment of all its trials, when it is known before anything is built: it is then made beside the build. */
  readonly environment: CheckEnvironment | null;
  /** What there is to do for these results; a verdict when there is nothing to do. */
  readonly plan: (subject: Subject, bench: CheckBench) => Promise<readonly (Trial | Settled)[] | Verdict>;
  /** What else is written down of all of it, beside the results; of no parts when there was nothing to do. */
  readonly record?: (parts: CheckOutcome["parts"], subject: Subject) => CheckRecord;
}

/** Where a trial's files lie and where it runs, owned by root: what checks the results cannot change them. */
export const checkDirectory = "/build/check";
