import { asFailure } from "../../base/failure.ts";
import { TreeView } from "../tree/view.ts";
import type { Lint, Subject } from "./lint.ts";
import { lints } from "./lints.ts";
import { mendTree } from "./mend-tree.ts";
import type { Repair } from "./repair.ts";
import { type LintOptions, skipReason } from "./run.ts";

export interface Mended {
  /** What was mended, lint by lint, in the order in which it has to be done. */
  readonly steps: readonly { readonly lint: string; readonly repairs: readonly Repair[] }[];
  /** The root filesystem with all of it done. */
  readonly subject: Subject;
}

/**
 * Mends what the lints know how to mend, each on what those before it left. The lints that declare what is in /var and
 * /etc/passwd come last, when the rest is as it will be. Nothing of it touches this machine.
 * @throws Failure unknown-lint (usage), and infrastructure failures of reading.
 */
export async function mendRoot(subject: Subject, options: LintOptions = {}): Promise<Mended> {
  let mended = subject;
  const steps: { lint: string; repairs: readonly Repair[] }[] = [];
  for (const lint of inMendingOrder()) {
    if (skipReason(lint, mended, options) !== null) continue;
    const repairs = await repairsOf(lint, mended);
    if (repairs.length === 0) continue;
    steps.push({ lint: lint.name, repairs });
    mended = { ...mended, view: new TreeView(mendTree(mended.view.tree, repairs)) };
  }
  return { steps, subject: mended };
}

const last = ["sysusers", "var-tmpfiles"];

function inMendingOrder(): readonly Lint[] {
  return lints.toSorted((a, b) => last.indexOf(a.name) - last.indexOf(b.name));
}

async function repairsOf(lint: Lint, subject: Subject): Promise<readonly Repair[]> {
  try {
    return (await lint.check(subject))?.repairs ?? [];
  } catch (thrown) {
    if (asFailure(thrown).fault !== "package") throw thrown;
    return [];
  }
}
