import { printable, printableJson } from "../../base/printable.ts";
import type { Failure } from "../../base/failure.ts";
import type { Style } from "./style.ts";

export interface FailureTextOptions {
  readonly style: Style;
  /** Adds the details, and the stack of a fault in debkiln itself. */
  readonly verbose: boolean;
}

/** A failure for people: what happened, what to do; more only for who asked for more. */
export function failureText(failure: Failure, { style, verbose }: FailureTextOptions): string {
  const lines = [`${style.bad("error:")} ${indentRest(printable(failure.message))}`];
  if (failure.hint !== undefined)
    lines.push(`${style.accent("hint:")} ${indentRest(printable(failure.hint))}`);
  if (verbose) lines.push(...detailLines(failure).map(style.dim));
  return `${lines.join("\n")}\n`;
}

function detailLines(failure: Failure): string[] {
  const details = Object.entries(failure.details).map(
    ([key, value]) => `  ${key}: ${typeof value === "string" ? printable(value) : printableJson(value)}`,
  );
  return [`  code: ${failure.code} (${failure.fault})`, ...details, ...causeLines(failure)];
}

function causeLines(failure: Failure): string[] {
  const lines: string[] = [];
  for (let cause = failure.cause; cause instanceof Error; cause = cause.cause) {
    const text = failure.fault === "internal" ? (cause.stack ?? cause.message) : cause.message;
    lines.push(`  cause: ${indentRest(printable(text))}`);
  }
  if (failure.fault === "internal" && lines.length === 0) lines.push(`  ${printable(failure.stack ?? "")}`);
  return lines;
}

function indentRest(text: string): string {
  return text.trimEnd().replaceAll("\n", "\n  ");
}
