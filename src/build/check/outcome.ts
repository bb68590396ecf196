import { z } from "zod";

/** Every check by its name, in the order in which they run. */
export const checkNames = [
  "lintian",
  "blhc",
  "debdiff",
  "piuparts",
  "autopkgtest",
  "reprotest",
  "build-depends",
] as const;
export type CheckName = (typeof checkNames)[number];

/** Which checks a build's results get. */
export interface WantedChecks {
  readonly names: readonly CheckName[];
  /** Those without which the command fails. */
  readonly required: readonly CheckName[];
  /** How long each command of them may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Words for lintian(1) before the files. */
  readonly lintianOptions: readonly string[];
}

/**
 * How a check ended, worst last. `none`: there was nothing to check. `timeout`: it hung. `error`: it could not be made or its
 * container died, which says nothing of the package.
 */
export const checkStatuses = ["none", "pass", "info", "warn", "error", "timeout", "fail"] as const;
export const CheckStatus = z.enum(checkStatuses);
export type CheckStatus = z.infer<typeof CheckStatus>;

/** What a check, or a part of one, came to. */
export interface Verdict {
  readonly status: CheckStatus;
  /** In a few words: what was found, or why there is nothing. */
  readonly summary: string;
}

/** What came of one check of a build's results. */
export const CheckOutcome = z
  .strictObject({
    name: z.enum(checkNames),
    status: CheckStatus,
    summary: z.string(),
    /** Whether the command fails when it does. */
    required: z.boolean(),
    seconds: z.number().nonnegative(),
    /** The file with its whole output, beside the results; null when it printed nothing. */
    log: z.string().nullable(),
    /** What the original tool would have exited with, where all of it is done in its stead; else null. */
    exitCode: z.int().nullable(),
    /** Its single tests, where it has several. */
    parts: z
      .array(z.strictObject({ name: z.string(), status: CheckStatus, summary: z.string() }).readonly())
      .readonly(),
  })
  .readonly();
export type CheckOutcome = z.infer<typeof CheckOutcome>;

/** The worst of several, with its words; `none` of none. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  const rank = ({ status }: Verdict) => checkStatuses.indexOf(status);
  const [first = { status: "none", summary: "nothing to check" }, ...others] = verdicts;
  return others.reduce((one, other) => (rank(other) > rank(one) ? other : one), first);
}

/** Whether a check that ended so has found a fault, or was not done. */
export function isUnmet(status: CheckStatus): boolean {
  return status === "fail" || status === "timeout" || status === "error";
}

/**
 * Whether a required check may end so. What lintian warns of is no error, and flaky tests do not count; what other checks warn of
 * is what they look for: a build dependency that is not used, compilers that are called unseen.
 */
export function meetsRequirement({ name, status }: Pick<CheckOutcome, "name" | "status">): boolean {
  if (status === "warn") return name === "lintian" || name === "autopkgtest";
  return !isUnmet(status);
}

/** Of several trials: the worst, with its name. */
export function verdictOf(parts: CheckOutcome["parts"]): Verdict {
  const bad = parts.filter(({ status }) => isUnmet(status));
  const { status } = worst(parts);
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return { status, summary: only.summary || only.name };
  if (bad.length === 0 && parts.length <= 3)
    return {
      status,
      summary: parts.map(({ name, summary }) => (summary === "" ? name : `${name}: ${summary}`)).join("; "),
    };
  if (bad.length === 0) return { status, summary: `${parts.length} without a fault` };
  const [first] = bad;
  if (bad.length === 1) return { status, summary: `${first?.name}: ${first?.summary}` };
  const names = bad.map(({ name }) => name).join(", ");
  return { status, summary: `${bad.length} of ${parts.length} did not pass: ${names}` };
}
