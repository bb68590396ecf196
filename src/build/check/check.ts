import type { Readable } from "node:stream";
import type { Request } from "../../environment/resolver.ts";
import type { OpenedSource } from "../source.ts";
import type { Artifact } from "../result.ts";
import type { CheckName, Verdict } from "./outcome.ts";

/** Which checks a build's results get. */
export interface WantedChecks {
  readonly names: readonly CheckName[];
  /** Those without which the command fails. */
  readonly required: readonly CheckName[];
  /** How long one of them may take in all, in milliseconds. */
  readonly timeoutMs: number;
}

/** What was built, as checks see it. */
export interface Subject {
  /** `NAME_VERSION_ARCH`, of the .changes. */
  readonly name: string;
  readonly source: OpenedSource;
  readonly artifacts: readonly Artifact[];
}

/** In what a check runs: the base and what its packages come to, never what the build ran in. */
export interface CheckEnvironment {
  readonly request: Request;
  /** `engine`: of the engine's own architecture, for what runs no code of the package and so need not be emulated. */
  readonly architecture: "engine" | "target";
}

/** One container's worth of a check. */
export interface Trial {
  readonly title: string;
  readonly environment: CheckEnvironment;
  /** Tars that are unpacked in `checkDirectory` before. */
  readonly content: readonly (() => Readable)[];
  readonly argv: readonly string[];
  readonly user: "builder" | "root";
  readonly judge: (ending: Ending) => Verdict;
}

/** How a trial's command ended. */
export interface Ending {
  readonly exitCode: number;
  /** What it printed: the end of it, when that was long. */
  readonly output: string;
}

/** A check of what was built, as data: where it runs, what it does, and how that is judged. */
export interface Check {
  readonly name: CheckName;
  /** The environment of all its trials, when it is known before anything is built: it is then made beside the build. */
  readonly environment: CheckEnvironment | null;
  /** What there is to do for these results; a verdict when there is nothing to do. */
  readonly plan: (subject: Subject) => readonly Trial[] | Verdict;
}

/** Where a trial's files lie and where it runs, owned by root: what checks the results cannot change them. */
export const checkDirectory = "/build/check";
