import type { Task } from "../base/event.ts";
import { Failure } from "../base/failure.ts";
import { Found } from "../store/once.ts";
import type { Confinement } from "./confinement.ts";
import type { Environment } from "./environment.ts";
import { installEnvironment } from "./install-environment.ts";
import type { Kiln } from "./kiln.ts";
import { type EnvironmentRequest, planEnvironment, rememberLast } from "./plan.ts";
import { requireProvisions } from "./provisions.ts";
import { claimOrBring } from "./remote/claim-or-bring.ts";
import { contributeEnvironment } from "./remote/remote-environment.ts";
import { startEnvironment } from "./start-environment.ts";

/**
 * Opens the environment that a request needs: from its image when there is one, else installed on the nearest one, in
 * which case the image is committed beside whatever the caller does next. When the mirror has moved on since its indices
 * were read (pool files of sid vanish within minutes), they are read once more; when a garbage collection took an image
 * or a download after the plan, it is made or fetched anew.
 */
export async function openEnvironment(
  kiln: Kiln,
  wanted: EnvironmentRequest,
  confinement: Confinement,
  task: Task,
): Promise<Environment> {
  try {
    return await openPlanned(kiln, wanted, confinement, task);
  } catch (thrown) {
    const afresh = afterLoss(kiln, thrown, task);
    if (afresh === null) throw thrown;
    return await openPlanned(afresh, wanted, confinement, task);
  }
}

/** What to plan anew with, when something went that the plan counted on; null for all other failures. */
function afterLoss(kiln: Kiln, thrown: unknown, task: Task): Kiln | null {
  if (!(thrown instanceof Failure)) return null;
  if (["image-missing", "blob-missing"].includes(thrown.code)) {
    task.note("what the cache had was removed meanwhile: planning anew");
    return kiln;
  }
  if (thrown.code !== "not-found" || kiln.freshness.frozen) return null;
  task.note("the mirror no longer has a package: asking it for newer indices");
  return { ...kiln, freshness: { maxAgeMs: 0, frozen: false } };
}

async function openPlanned(
  kiln: Kiln,
  wanted: EnvironmentRequest,
  confinement: Confinement,
  task: Task,
): Promise<Environment> {
  if (kiln.runtime !== undefined) await kiln.engine.requireRuntime(kiln.runtime);
  await requireProvisions(kiln, confinement.provisions);
  const wished = await planEnvironment(kiln, wanted, task);
  await kiln.store.remember("used", wished.key, { time: Date.now() });
  const { plan, claim } = await claimOrBring(kiln, wished, task);
  confinement.planned?.(plan);
  const opening = { kiln, plan, confinement, task };
  const environment = await (claim instanceof Found
    ? startEnvironment(opening, claim.found)
    : installEnvironment(opening, claim));
  contributeEnvironment(kiln, plan);
  try {
    await rememberLast(kiln, wanted, plan);
  } catch (thrown) {
    await environment[Symbol.asyncDispose]();
    throw thrown;
  }
  return environment;
}
