import { z } from "zod";
import { type Digest, DigestText, keyOf } from "../../base/digest.ts";
import type { Task } from "../../base/event.ts";
import { formatSize } from "../../base/size.ts";
import type { Container } from "../../engine/engine.ts";
import type { Archive } from "../../environment/archive.ts";
import type { Environment } from "../../environment/environment.ts";
import { openEnvironment } from "../../environment/open-environment.ts";
import type { Kiln } from "../../environment/kiln.ts";
import { type EnvironmentPlan, planEnvironment } from "../../environment/plan.ts";
import type { ImagePlan, PlannedEntry, PlannedStep } from "../plan.ts";
import { type KeptRoot, exportRoot, openRoot } from "../root/export-root.ts";
import type { Tree } from "../tree/tree.ts";
import type { Tools } from "../unified/make.ts";
import { Prepared } from "./prepared.ts";
import { putEntries } from "./put-entries.ts";
import { runSteps } from "./steps.ts";
import { systemRequest } from "./system.ts";
import { Workbench } from "./workbench.ts";

/** What an image is made of: its packages installed, its steps run. Disposing ends its container, if it has one. */
export interface System extends AsyncDisposable {
  readonly environment: EnvironmentPlan;
  /** What makes its unified kernel image; null when it has none. */
  readonly tools: Tools | null;
  /** The key of the root filesystem: packages, and the steps with what they find. */
  readonly key: Digest;
  /** The root filesystem as packages and steps left it. */
  tree(): Promise<Tree>;
  /** A container that has all of that and the definition's files. */
  container(): Promise<Container>;
}

const Root = z.strictObject({ tar: DigestText, lines: DigestText });

/**
 * Plans a system, which needs no container when it has been there before, and opens it as far as it is asked for.
 * @throws Failure what `systemRequest` and `planEnvironment` raise; later what `openEnvironment`, `runSteps` and `exportRoot` do.
 */
export async function openSystem(
  asking: Kiln,
  plan: ImagePlan,
  archive: Archive,
  task: Task,
): Promise<System> {
  const { kiln, request: wanted, tools: making } = await systemRequest(asking, plan, archive, task);
  const environment = await planEnvironment(kiln, wanted, task);
  const tools =
    making === null ? null : { kiln, request: making, plan: await planEnvironment(kiln, making, task) };
  const key = rootKey(environment, plan);
  let begun: Promise<Environment> | null = null;
  let read: Promise<Tree> | null = null;
  let isExported = false;
  const open = () => (begun ??= openEnvironment(kiln, wanted, { limits: {}, keeping: "when-asked" }, task));
  const lay = async (): Promise<Workbench> => {
    const environment = await open();
    // What was exported will be needed again only when something else is to run in it.
    if (hasSteps(plan) || !isExported) await keepInstalled(environment, task);
    await putEntries(environment.container, plan.entries);
    return new Workbench(kiln, environment);
  };
  const bench = new Prepared(lay, (laid) => runSteps(kiln, laid, plan, task));
  const container = async () => (await bench.get()).container;
  const tree = () => (read ??= recallTree(kiln, key).then((known) => known ?? make()));
  const make = async (): Promise<Tree> => {
    if (hasSteps(plan)) return exportTree(kiln, key, await container(), () => {}, task);
    const opened = await open();
    // Of a system without a kept core, all that was installed would be lost. It can be kept while it is read.
    const kept: Promise<void>[] = [];
    const keep = () => {
      if (!hasCore(opened.plan)) kept.push(opened.keep());
    };
    const exported = await exportTree(kiln, key, opened.container, keep, task);
    await Promise.all(kept);
    isExported = true;
    return exported;
  };
  return {
    environment,
    tools,
    key,
    tree,
    container,
    [Symbol.asyncDispose]: async () => {
      try {
        await bench[Symbol.asyncDispose]();
      } finally {
        // What failed has been told to whoever asked for it.
        await (await begun?.catch(() => null))?.[Symbol.asyncDispose]();
      }
    },
  };
}

/** Of a large system it takes a minute, and nothing can run inside meanwhile. */
async function keepInstalled(environment: Environment, task: Task): Promise<void> {
  if (environment.installed === null) return;
  await task.step("keep", "Keep the installed packages as an image", () => environment.keep());
}

/** Whether all but the leaves of a system are in an image of their own. */
function hasCore({ stage, start }: EnvironmentPlan): boolean {
  return stage !== null || start.kind === "environment";
}

/** Files matter to the root filesystem only when something runs that can read them. */
export function rootKey(
  { key }: Pick<EnvironmentPlan, "key">,
  plan: Pick<ImagePlan, "commands" | "steps" | "entries">,
): Digest {
  if (!hasSteps(plan)) return keyOf({ environment: key, recipe });
  const { commands, steps, entries } = plan;
  const found = { steps: steps.map(stepKey), entries: entries.map(entryKey) };
  return keyOf({ environment: key, commands, ...found, recipe });
}

/** Raised when the same packages and steps are to give another root filesystem. */
const recipe = 1;

/** What it is counts, not where on this machine it lies. */
function stepKey(step: PlannedStep): unknown {
  const { name, kind } = step;
  switch (kind) {
    case "run":
      return [name, kind, step.text];
    case "script":
      return [name, kind, step.script.digest];
    case "containerfile":
    default:
      return [name, kind, step.containerfile.digest, step.contextDigest];
  }
}

function entryKey(entry: PlannedEntry): unknown {
  const { path, type, mode, user, group } = entry;
  const what = type === "file" ? entry.digest : type === "symlink" ? entry.target : null;
  return [path, type, mode, user, group, what];
}

/** Whether something runs in the image beyond the installation of packages. */
export function hasSteps({ commands, steps }: Pick<ImagePlan, "commands" | "steps">): boolean {
  return commands.length + steps.length > 0;
}

async function recallTree(kiln: Kiln, key: Digest): Promise<Tree | null> {
  const known = await kiln.store.recall("root", key, Root);
  if (known === null) return null;
  const isThere = await Promise.all([kiln.store.hasBlob(known.tar), kiln.store.hasBlob(known.lines)]);
  return isThere.every(Boolean) ? openRoot(kiln, known) : null;
}

async function exportTree(
  kiln: Kiln,
  key: Digest,
  container: Container,
  begun: () => void,
  task: Task,
): Promise<Tree> {
  return task.step("export", "Read the root filesystem", async (step) => {
    const { kept, tree } = await exportRoot(kiln, container, begun);
    await remember(kiln, key, kept);
    const files = [...tree.values()].filter((entry) => entry.type === "file");
    const bytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    step.summary = `${files.length} files, ${formatSize(bytes)}`;
    return tree;
  });
}

async function remember(kiln: Kiln, key: Digest, kept: KeptRoot): Promise<void> {
  await kiln.store.remember("root", key, kept);
}
