import { asFailure, Failure } from "../../base/failure.ts";
import { nearest } from "../../base/nearest.ts";
import type { Complaint, Lint, RootType, Subject } from "./lint.ts";
import { lints } from "./lints.ts";

export interface LintOptions {
  /** Names of lints that are passed over. */
  readonly skip?: readonly string[];
  /** Whose lints are run; all by default. */
  readonly only?: Lint["origin"];
  /** Passes over what is for the other type of root; by default all are run, as an image is both in turn. */
  readonly rootType?: RootType;
}

export type LintResult =
  | { readonly lint: Lint; readonly outcome: "passed" }
  | { readonly lint: Lint; readonly outcome: "failed"; readonly complaint: Complaint }
  | { readonly lint: Lint; readonly outcome: "skipped"; readonly reason: string };

export interface LintReport {
  /** bootc's first, each part in the order in which bootc tells: by name, those that look at each file last. */
  readonly results: readonly LintResult[];
  /** The lint of bootc's that could not tell; what would come after it in bootc's part is missing. */
  readonly aborted: Failure | null;
}

/**
 * Examines a root filesystem with all lints, in the manner of `bootc container lint` (crates/lib/src/lints.rs). What stands
 * after a lint of bootc's that cannot tell is not told, as there; debkiln's own are told in any case.
 * @throws Failure unknown-lint (usage), and infrastructure failures of reading.
 */
export async function lintRoot(subject: Subject, options: LintOptions = {}): Promise<LintReport> {
  requireLints(options.skip ?? []);
  const results: LintResult[] = [];
  let aborted: Failure | null = null;
  for (const lint of inOrder(options.only)) {
    if (aborted !== null && lint.origin === "bootc") continue;
    const reason = skipReason(lint, subject, options);
    if (reason !== null) results.push({ lint, outcome: "skipped", reason });
    else {
      const result = await run(lint, subject);
      if (result instanceof Failure) aborted = result;
      else results.push(result);
    }
  }
  return { results, aborted };
}

/** How many lints passed, were skipped, warned and failed. */
export function countsOf({
  results,
}: LintReport): Record<"passed" | "skipped" | "warnings" | "fatal", number> {
  const failed = results.filter(({ outcome }) => outcome === "failed");
  return {
    passed: results.filter(({ outcome }) => outcome === "passed").length,
    skipped: results.filter(({ outcome }) => outcome === "skipped").length,
    warnings: failed.filter(({ lint }) => lint.type === "warning").length,
    fatal: failed.filter(({ lint }) => lint.type === "fatal").length,
  };
}

/** What makes a report a failure, or null: what could not be told, fatal lints and, where warnings count as such, warnings. */
export function lintFailure(
  report: LintReport,
  warnings: "allow-warnings" | "fatal-warnings",
): Failure | null {
  if (report.aborted !== null) return report.aborted;
  const counts = countsOf(report);
  const failed = counts.fatal + (warnings === "fatal-warnings" ? counts.warnings : 0);
  if (failed === 0) return null;
  const names = report.results.filter(({ outcome }) => outcome === "failed").map(({ lint }) => lint.name);
  return new Failure("package", "lint-failed", `Checks failed: ${failed}`, {
    hint: "Mend what is named above, or pass a lint over with --skip NAME; docs/image-lint.md explains each.",
    details: { lints: names },
  });
}

function inOrder(origin: Lint["origin"] | undefined): readonly Lint[] {
  const wanted = lints.filter((lint) => origin === undefined || lint.origin === origin);
  return wanted.toSorted((a, b) => rank(a) - rank(b));
}

function rank({ origin, isRecursive }: Lint): number {
  return (origin === "bootc" ? 0 : 2) + (isRecursive ? 1 : 0);
}

/** Why a lint is not run on this subject, or null. */
export function skipReason(lint: Lint, subject: Subject, options: LintOptions): string | null {
  if (options.only !== undefined && options.only !== lint.origin) return "not asked for";
  if (options.skip?.includes(lint.name)) return "--skip";
  if (options.rootType !== undefined && lint.rootType !== undefined && lint.rootType !== options.rootType)
    return `for ${lint.rootType.toLowerCase()} roots`;
  if (lint.needs === "config" && subject.config === null)
    return "a root filesystem has no image configuration";
  if (lint.needs === "xattrs" && !subject.hasXattrs) return "extended attributes could not be read";
  return null;
}

/** The result, or the failure of a lint of bootc's that cannot tell. debkiln's own complain instead. */
async function run(lint: Lint, subject: Subject): Promise<LintResult | Failure> {
  try {
    const complaint = await lint.check(subject);
    return complaint === null ? { lint, outcome: "passed" } : { lint, outcome: "failed", complaint };
  } catch (thrown) {
    const failure = asFailure(thrown);
    if (failure.fault !== "package") throw thrown;
    if (lint.origin === "debkiln") return { lint, outcome: "failed", complaint: complaintOfFailure(failure) };
    const message = `Unexpected runtime error running lint ${lint.name}: ${failure.message}`;
    const hint = failure.hint ?? lint.hint;
    return new Failure("package", "lint-aborted", message, {
      hint,
      details: { lint: lint.name },
      cause: failure,
    });
  }
}

function complaintOfFailure({ message, hint }: Failure): Complaint {
  return hint === undefined ? { message } : { message, hint };
}

/** @throws Failure unknown-lint (usage) for a name that no lint has. */
export function requireLints(names: readonly string[]): void {
  const known = lints.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const meant = nearest(unknown, known);
  throw new Failure("usage", "unknown-lint", `There is no lint "${unknown}"`, {
    hint: meant === null ? "`debkiln image lint --list` names them all." : `Did you mean ${meant}?`,
  });
}
