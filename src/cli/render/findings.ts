import { counted } from "../../base/counted.ts";
import { printable, printableLine } from "../../base/printable.ts";
import type { Finding } from "../../doctor/finding.ts";
import type { Style } from "./style.ts";

export interface FindingsTextOptions {
  readonly style: Style;
  /** Lists what is well, too. */
  readonly verbose: boolean;
}

/** The doctor's findings for people: each with what is wrong, why it matters and what mends it; then the verdict. */
export function findingsText(findings: readonly Finding[], { style, verbose }: FindingsTextOptions): string {
  const shown = findings.filter(({ status }) => verbose || status !== "ok");
  const lines = shown.flatMap((finding) => findingLines(finding, style));
  return [...lines, ...(lines.length > 0 ? [""] : []), verdict(findings, style), ""].join("\n");
}

function findingLines({ check, status, message, why, fix }: Finding, style: Style): string[] {
  const look = { ok: style.good, warning: style.doubtful, error: style.bad }[status];
  const lines = [`${look(`${status}:`)} ${indented(message)} ${style.dim(`[${check}]`)}`];
  if (why !== undefined) lines.push(`  ${indented(why)}`);
  if (status === "ok" || fix === undefined) return lines;
  lines.push(
    `  ${style.accent("mend it with:")}`,
    ...fix.commands.map((command) => `    ${indented(command)}`),
  );
  if (fix.consent !== undefined)
    lines.push(`  ${style.accent("not done by --fix:")} ${printableLine(fix.consent)}`);
  return lines;
}

function indented(text: string): string {
  return printable(text).replaceAll("\n", "\n  ");
}

function verdict(findings: readonly Finding[], style: Style): string {
  const count = (status: Finding["status"]) => findings.filter((finding) => finding.status === status).length;
  const [errors, warnings] = [count("error"), count("warning")];
  const mendable = findings.some(({ status, fix }) => status !== "ok" && fix !== undefined && !fix.consent);
  const passed = `${counted(count("ok"), "check")} passed`;
  if (errors === 0 && warnings === 0) return `${style.good("This machine is ready for builds")}: ${passed}.`;
  const found = [counted(errors, "error"), counted(warnings, "warning")].filter(
    (text) => !text.startsWith("0"),
  );
  const opinion =
    errors === 0 ? style.good("This machine can build") : style.bad("Builds will fail on this machine");
  const advice = mendable ? ' Run "debkiln doctor --fix" to mend what can be mended.' : "";
  return `${opinion}: ${found.join(", ")}, ${passed}.${advice}`;
}
