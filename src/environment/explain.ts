import type { Task } from "../base/event.ts";
import { findCurrentBase } from "./base.ts";
import type { Kiln } from "./kiln.ts";
import { type LockedPackage, difference } from "./lock.ts";
import { type Decision, type EnvironmentPlan, type EnvironmentRequest, planOnBase } from "./plan.ts";
import { findEnvironment } from "./remote/remote-environment.ts";
import { targetName } from "./target.ts";

/** What a request would come to, layer by layer. */
export interface Explanation {
  readonly target: string;
  /** In the order of the layers, up to the first that cannot be told without making the one below it. */
  readonly decisions: readonly Decision[];
  /** Null when the base is missing: nothing more is known then. */
  readonly installation: Installation | null;
}

/** What would be done to the image that an installation starts from; nothing when the environment is there. */
export interface Installation {
  readonly start: { readonly kind: "base" | "environment"; readonly reference: string };
  readonly install: readonly LockedPackage[];
  readonly remove: readonly LockedPackage[];
  /** Those whose .debs are not in the store. */
  readonly download: { readonly packages: number; readonly bytes: number };
  /** Where the whole environment would be taken from instead, by digest; null when nobody offers it. */
  readonly remote: string | null;
}

/**
 * Says which layers a request would find and why not, and what would be installed on what. Installs nothing and makes no
 * base; apt may be asked in a resolver, as a build would ask it.
 * @throws Failure unsatisfiable (dependency), and what asking the archive raises.
 */
export async function explainEnvironment(
  kiln: Kiln,
  wanted: EnvironmentRequest,
  task: Task,
): Promise<Explanation> {
  const { target } = wanted;
  const based = await findCurrentBase(kiln, wanted, task);
  if ("missing" in based) return { target: targetName(target), ...missingBase(based.missing) };
  const plan = await planOnBase(kiln, wanted, based, task);
  return {
    target: targetName(target),
    decisions: plan.decisions,
    installation: await installationOf(kiln, plan, task),
  };
}

/** The part of an explanation that can be told without a base. */
export function missingBase(reason: string): Pick<Explanation, "decisions" | "installation"> {
  return { decisions: [{ layer: "base", outcome: "miss", reason, changes: [] }], installation: null };
}

async function installationOf(kiln: Kiln, plan: EnvironmentPlan, task: Task): Promise<Installation> {
  const { start, lock } = plan;
  const { install, remove } = difference(start.packages, lock.packages);
  const present = await Promise.all(
    install.map(({ sha256, sizeBytes }) => kiln.store.hasBlob(sha256, sizeBytes)),
  );
  const absent = install.filter((_, at) => !present[at]);
  const bytes = absent.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return {
    start: { kind: start.kind, reference: start.reference },
    install,
    remove,
    download: { packages: absent.length, bytes },
    remote: plan.image === null ? await findEnvironment(kiln, plan, task) : null,
  };
}
