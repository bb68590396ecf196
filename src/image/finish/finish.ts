import { compareBytes } from "../../oci/raw-text.ts";
import { readDpkgOwners } from "../layers/dpkg-owners.ts";
import { inMemory } from "../tree/read.ts";
import type { Tree } from "../tree/tree.ts";
import { TreeView } from "../tree/view.ts";
import { settleAccounts } from "./account-order.ts";
import { makeApiDirectories } from "./api-directories.ts";
import { readDatedBytecode } from "./bytecode.ts";
import { Changes } from "./changes.ts";
import { dropDebris } from "./debris.ts";
import { declareAccounts } from "./declared-accounts.ts";
import { answerFirstBoot } from "./first-boot.ts";
import { settleFirstNames } from "./first-names.ts";
import { forgetHost } from "./host-identity.ts";
import { kernelVersion, takeKernel } from "./kernel.ts";
import { layEntries } from "./lay-entries.ts";
import type { Facts, FinishOptions, Note } from "./options.ts";
import { tidyPackageDatabase } from "./package-database.ts";
import { presetUnits } from "./presets.ts";
import { linkRoot } from "./root-links.ts";
import { settleOrder } from "./stable-order.ts";
import { isSystemText } from "./system-texts.ts";
import { settleTimes } from "./times.ts";
import { settleVar } from "./var.ts";
import type { Verb } from "./verb.ts";

/** The root filesystem of a bootc image, and what was done to make it one. */
export interface FinishedTree {
  /** Sorted by path, as bytes. */
  readonly tree: Tree;
  readonly kernelVersion: string;
  readonly notes: readonly Note[];
}

/** How what apt installed becomes what an image holds. Each does one thing, and none needs a container or the host. */
const verbs: readonly Verb[] = [
  settleFirstNames,
  settleTimes,
  makeApiDirectories,
  takeKernel,
  dropDebris,
  forgetHost,
  settleAccounts,
  settleOrder,
  tidyPackageDatabase,
  linkRoot,
  layEntries,
  answerFirstBoot,
  presetUnits,
  settleVar,
  declareAccounts,
  // Names have moved.
  settleFirstNames,
];

/**
 * Makes the root filesystem of a bootc image of one that apt installed, as docs/image-filesystem.md describes it. The same
 * packages, definition and epoch give the same tree, in whatever order and number of steps the packages were installed.
 * @throws Failure no-kernel, two-kernels, unclassified-var-path, path-under-var, unknown-unit and what else the verbs raise.
 */
export async function finishTree(tree: Tree, options: FinishOptions): Promise<FinishedTree> {
  const dpkg = await readDpkgOwners(new TreeView(tree));
  const facts: Facts = { owners: dpkg?.owners ?? new Map(), datedBytecode: await readDatedBytecode(tree) };
  const changes = new Changes(await inMemory(tree, isSystemText), options.epoch);
  for (const verb of verbs) verb(changes, options, facts);
  const sorted = [...changes.tree].toSorted(([a], [b]) => compareBytes(a, b));
  return { tree: new Map(sorted), kernelVersion: kernelVersion(changes.tree), notes: changes.notes() };
}
