import { Failure } from "../../base/failure.ts";
import type { CheckName, CheckOutcome, CheckStatus, Verdict } from "./outcome.ts";
import { isUnmet, meetsRequirement } from "./outcome.ts";

/** The lines that sbuild ends a check's part of the log with (Sbuild::Build, run_lintian and its kin). */
export function endingWords(name: CheckName, { status, summary }: Verdict): string {
  const title = titleOf(name);
  if (isUnmet(status)) return `\nE: ${title} run failed (${summary})\n`;
  return `\nI: ${title} run was successful${status === "none" ? ` (${summary})` : ""}.\n`;
}

/** The fields of the log's Summary that tell of checks, in the words of sbuild where it has any. */
export function summaryFields(outcomes: readonly CheckOutcome[]): (readonly [key: string, value: string])[] {
  return outcomes.map(({ name, status }) => [titleOf(name), sbuildWord(name, status)]);
}

function titleOf(name: CheckName): string {
  return name.slice(0, 1).toUpperCase() + name.slice(1);
}

function sbuildWord(name: CheckName, status: CheckStatus): string {
  if (name === "autopkgtest" && status === "none") return "no tests";
  if (name === "autopkgtest" && status === "warn") return "pass";
  if (status === "timeout") return "fail";
  return status;
}

/**
 * Why a build whose results are good is not good enough: required checks that failed are the package's fault, those that could
 * not be done are not. Null when all that is required was met.
 */
export function unmetFailure(outcomes: readonly CheckOutcome[], place: string): Failure | null {
  const unmet = outcomes.filter((each) => each.required && !meetsRequirement(each));
  const [first] = unmet;
  if (first === undefined) return null;
  const words = unmet.map(({ name, status, summary }) => `${name} (${status}: ${summary})`).join(", ");
  const details = { checks: unmet.map(({ name, status }) => ({ name, status })) };
  const kept = `The results are kept in ${place}, with what each check printed.`;
  if (unmet.some(({ status }) => status !== "error"))
    return new Failure("package", "check-failed", `Built, but what is required did not pass: ${words}`, {
      hint: kept,
      details,
    });
  return new Failure(
    "infrastructure",
    "check-not-done",
    `Built, but a required check could not be done: ${words}`,
    {
      hint: `${kept} The check's environment or container failed, which says nothing of the package.`,
      details,
    },
  );
}
