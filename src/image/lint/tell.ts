import type { Task } from "../../base/event.ts";
import type { Complaint } from "./lint.ts";
import type { LintReport } from "./run.ts";

/** So many things of a finding are told. */
const toldItems = 5;

/** Tells of what a report found wrong as warnings of a task, each with its hint: for who lints as a part of other work. */
export function tellFindings({ results }: LintReport, task: Task): void {
  for (const result of results) {
    if (result.outcome !== "failed") continue;
    const { lint, complaint } = result;
    task.warn(`${lint.name}: ${shortMessage(complaint)}`, complaint.hint ?? lint.hint);
  }
}

function shortMessage({ message }: Complaint): string {
  if (typeof message === "string") return message;
  return message.map(({ header, items }) => `${header}: ${shortList(items)}`).join("; ");
}

function shortList(items: readonly string[]): string {
  const rest = items.length - toldItems;
  return [...items.slice(0, toldItems), ...(rest > 0 ? [`and ${rest} more`] : [])].join(", ");
}
