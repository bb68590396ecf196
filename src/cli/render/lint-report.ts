import { printable, printableLine } from "../../base/printable.ts";
import type { Complaint, Lint } from "../../image/lint/lint.ts";
import { lints } from "../../image/lint/lints.ts";
import type { Mended } from "../../image/lint/mend.ts";
import type { Repair } from "../../image/lint/repair.ts";
import { countsOf, type LintReport } from "../../image/lint/run.ts";
import type { Style } from "./style.ts";

/** bootc prints so many things of a finding. */
const shownItems = 5;

export interface LintReportOptions {
  readonly style: Style;
  /** Whether only the first five things of a finding are printed. */
  readonly truncate: boolean;
  /** Whether --fix would mend it here. */
  readonly canFix: boolean;
}

/**
 * A report in bootc's words: a line for each lint that failed, then the counts; after each finding a hint, and `[debkiln]`
 * behind the names of debkiln's own lints.
 */
export function lintReportText(
  report: LintReport,
  mended: Mended["steps"],
  options: LintReportOptions,
): string {
  const lines = mended.map(({ lint, repairs }) => mendedLine(lint, repairs, options.style));
  for (const result of report.results) {
    if (result.outcome === "failed") lines.push(findingText(result.lint, result.complaint, options));
  }
  if (report.aborted !== null) return lines.join("");
  const { passed, skipped, warnings } = countsOf(report);
  lines.push(`Checks passed: ${passed}\n`);
  if (skipped > 0) lines.push(`Checks skipped: ${skipped}\n`);
  if (warnings > 0) lines.push(`Warnings: ${warnings}\n`);
  return lines.join("");
}

/** What `--json` gives: every lint with its outcome, and the counts. */
export function shownReport(subject: string, report: LintReport, mended: Mended["steps"]): unknown {
  const { fatal, ...counts } = countsOf(report);
  const lints = report.results.map((result) => {
    const { name, type, origin } = result.lint;
    const shown = { name, type, origin, outcome: result.outcome };
    if (result.outcome === "skipped") return { ...shown, reason: result.reason };
    if (result.outcome === "passed") return shown;
    const { message, hint = result.lint.hint, repairs = [] } = result.complaint;
    const sections = typeof message === "string" ? [] : message;
    const text = typeof message === "string" ? message : message.map(({ header }) => header).join("; ");
    return { ...shown, message: text, sections, hint, repairs };
  });
  return { subject, lints, counts: { ...counts, failed: fatal }, mended };
}

/** All lints as `bootc container lint --list` lists its own, in YAML. */
export function lintListText(): string {
  return lints.map(lintEntry).join("");
}

export function shownLints(): unknown {
  return lints.map(({ name, type, origin, rootType, description, hint }) => ({
    name,
    type,
    origin,
    ...(rootType === undefined ? {} : { rootType }),
    description,
    hint,
  }));
}

function findingText(
  { name, type, origin, hint }: Lint,
  complaint: Complaint,
  options: LintReportOptions,
): string {
  const { style } = options;
  const verdict = type === "fatal" ? style.bad("Failed lint:") : style.doubtful("Lint warning:");
  const mark = origin === "debkiln" ? style.dim(" [debkiln]") : "";
  const advice = [complaint.hint ?? hint];
  if (options.canFix && (complaint.repairs ?? []).length > 0) advice.push("--fix mends what it can.");
  const text = messageText(complaint, options.truncate);
  return `${verdict} ${style.bold(name)}${mark}: ${text}\n  ${style.accent("hint:")} ${printableLine(advice.join(" "))}\n`;
}

function messageText({ message }: Complaint, truncate: boolean): string {
  if (typeof message === "string") return printableLine(message);
  const lines = message.flatMap(({ header, items }) => {
    const shown = truncate ? items.slice(0, shownItems) : items;
    const rest = items.length - shown.length;
    return [
      `${header}:`,
      ...shown.map((item) => `  ${printableLine(item)}`),
      ...(rest > 0 ? [`  ...and ${rest} more`] : []),
    ];
  });
  return printable(lines.join("\n"));
}

function mendedLine(lint: string, repairs: readonly Repair[], style: Style): string {
  const done = repairs.map((repair) => printableLine(repairText(repair)));
  const shown =
    done.length > shownItems ? [...done.slice(0, shownItems), `and ${done.length - shownItems} more`] : done;
  return `${style.good("Mended:")} ${style.bold(lint)}: ${shown.join(", ")}\n`;
}

function repairText(repair: Repair): string {
  switch (repair.do) {
    case "remove":
      return `removed /${repair.path}`;
    case "directory":
      return `made the directory /${repair.path}`;
    case "symlink":
      return `made the link /${repair.path} -> ${repair.target}`;
    case "write":
      return `wrote /${repair.path}`;
    case "label":
      return `set the label ${repair.name} to ${repair.value}`;
    default:
      return `moved /${repair.path} to /${repair.to}`;
  }
}

function lintEntry({ name, type, origin, rootType, description }: Lint): string {
  const lines = [`- name: ${name}`, `  type: ${type}`, `  description: ${yamlText(description)}`];
  if (rootType !== undefined) lines.push(`  root-type: ${rootType}`);
  if (origin === "debkiln") lines.push(`  origin: ${origin}`);
  return `${lines.join("\n")}\n`;
}

/** A text on one line, quoted where YAML would take it for something else (YAML 1.2, 7.3.3). */
function yamlText(text: string): string {
  const isPlain = /^[\p{L}\d/][^\n]*$/u.test(text) && !/: |:$| #/.test(text);
  return isPlain ? text : `'${text.replaceAll("'", "''")}'`;
}
