import { asFailure } from "../../base/failure.ts";
import type { ImageConfig } from "../../oci/image-spec.ts";
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
 * Mends what the lints know how to mend, each on what those before it left: the kernel first, without which /boot is
 * left alone, and last the lints that declare what is in /etc/passwd and /var. Nothing of it touches this machine.
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
    mended = {
      ...mended,
      view: new TreeView(mendTree(mended.view.tree, repairs)),
      config: mended.config === null ? null : withLabels(mended.config, repairs),
    };
  }
  return { steps, subject: mended };
}

/** What has to be done before or after the rest, whose rank is 0. */
const ranks = new Map([
  ["one-kernel", -1],
  ["sysusers", 1],
  ["var-tmpfiles", 2],
]);

function inMendingOrder(): readonly Lint[] {
  return lints.toSorted((a, b) => (ranks.get(a.name) ?? 0) - (ranks.get(b.name) ?? 0));
}

async function repairsOf(lint: Lint, subject: Subject): Promise<readonly Repair[]> {
  try {
    return (await lint.check(subject))?.repairs ?? [];
  } catch (thrown) {
    if (asFailure(thrown).fault !== "package") throw thrown;
    return [];
  }
}

function withLabels(config: ImageConfig, repairs: readonly Repair[]): ImageConfig {
  const labels = repairs.flatMap((repair) =>
    repair.do === "label" ? [[repair.name, repair.value] as const] : [],
  );
  if (labels.length === 0) return config;
  return {
    ...config,
    config: { ...config.config, Labels: { ...config.config?.Labels, ...Object.fromEntries(labels) } },
  };
}
