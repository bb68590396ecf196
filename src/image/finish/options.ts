import type { Digest } from "../../base/digest.ts";
import type { LayoutPlan, PlannedEntry, ServicePlan, VarOutcome } from "../plan.ts";
import type { Content } from "../tree/tree.ts";

/** What the definition says about the image's root filesystem. */
export interface FinishOptions extends LayoutPlan {
  /** SOURCE_DATE_EPOCH, in seconds: nothing is newer. */
  readonly epoch: number;
  /** What the definition adds, laid over what packages brought in this order. */
  readonly files: readonly PlannedEntry[];
  /** Null leaves it to each host. */
  readonly hostname: string | null;
  /** Names of units; `.service` may be left out. */
  readonly services: ServicePlan;
  /** What becomes of paths below /var, by absolute path: beyond `varTable`, and before it. */
  readonly var: Readonly<Record<string, VarOutcome>>;
}

export type { PlannedEntry as LaidEntry } from "../plan.ts";

/** Bytes somewhere, with what is known of them. */
export interface FileContent {
  readonly content: Content;
  readonly sizeBytes: number;
  readonly digest: Digest;
}

/** Which package has which path. */
export type Owners = ReadonlyMap<string, { readonly name: string; readonly architecture: string }>;

/** What is known of the tree beyond itself, read before anything changes. */
export interface Facts {
  /** Of the tree as packages left it. */
  readonly owners: Owners;
  /** Compiled Python that has its source's time in it, by path. */
  readonly datedBytecode: ReadonlySet<string>;
}

/** What a verb did, for the build's summary: the same thing to several paths, for one reason. */
export interface Note {
  readonly action: "dropped" | "moved" | "seeded" | "kept" | "written";
  readonly reason: string;
  /** As on the host, with a leading slash. */
  readonly paths: readonly string[];
}
