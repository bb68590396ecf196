import { canonicalJson, keyOf } from "../../base/digest.ts";
import { type Task, throwIfAborted } from "../../base/event.ts";
import { asFailure } from "../../base/failure.ts";
import type { Image } from "../../engine/engine.ts";
import type { ImageConfig } from "../../oci/image-spec.ts";
import { containerSpec } from "../confinement.ts";
import type { Kiln } from "../kiln.ts";
import { type Lock, environmentKey } from "../lock.ts";
import { carriedLock, exportedLabels } from "../named/portable.ts";
import { imageReference, labels } from "../names.ts";
import type { EnvironmentPlan } from "../plan.ts";
import { targetName } from "../target.ts";
import { verifyImage } from "../verify.ts";
import { environmentTag, type Offer } from "./remote-cache.ts";

/**
 * Brings the environment of a plan into the engine from where others have left it; gives the plan with it, or null when nobody
 * has it. One that is not what its key says, or that has other packages than the lock, is passed over with a warning.
 */
export async function bringEnvironment(
  kiln: Kiln,
  plan: EnvironmentPlan,
  task: Task,
): Promise<(EnvironmentPlan & { readonly image: Image }) | null> {
  for await (const offer of offersOf(kiln, plan, task)) {
    const image = await take(kiln, plan, offer, task);
    if (image === null) continue;
    const { reference, lock } = plan;
    const decision = { layer: "environment", outcome: "hit", changes: [] } as const;
    const others = plan.decisions.filter(({ layer }) => layer !== "environment");
    return {
      ...plan,
      image,
      start: { reference, packages: lock.packages, kind: "environment" },
      decisions: [...others, { ...decision, reason: `from ${offer.origin}` }],
    };
  }
  return null;
}

/** Where a plan's environment could be had, by digest; null when nobody has it. Nothing is fetched but what an image says. */
export async function findEnvironment(kiln: Kiln, plan: EnvironmentPlan, task: Task): Promise<string | null> {
  for await (const { origin } of offersOf(kiln, plan, task)) return origin;
  return null;
}

/** Leaves a plan's environment for others. */
export function contributeEnvironment(
  kiln: Kiln,
  { purpose, key, reference, lock, target }: EnvironmentPlan,
) {
  if (purpose !== "build") return;
  kiln.remote?.contribute({
    tag: environmentTag(key),
    reference,
    labels: () => exportedLabels({ [labels.target]: targetName(target) }, lock),
  });
}

/** Why an image is not the environment of a lock, as far as it says itself; null when it claims to be. */
export function contradiction(config: ImageConfig, lock: Lock): string | null {
  const wanted = environmentKey(lock);
  const label = config.config?.Labels?.[labels.key];
  if (label !== wanted) return "its label names another key";
  if (config.rootfs.diff_ids[0] !== lock.base) return "it stands on another base";
  try {
    return environmentKey(carriedLock(config)) === wanted ? null : "its lock has other packages";
  } catch (thrown) {
    return asFailure(thrown).message;
  }
}

/** The system of an image is made here, of what its own archive has. */
async function* offersOf(kiln: Kiln, plan: EnvironmentPlan, task: Task): AsyncGenerator<Offer> {
  if (plan.purpose !== "build" || kiln.remote === undefined) return;
  for await (const offer of kiln.remote.offers(environmentTag(plan.key), task)) {
    const why = contradiction(offer.config, plan.lock);
    if (why === null) yield offer;
    else offer.passOver(why, task);
  }
}

/** It gets the environment's name when its packages have been compared: others look for it by that. */
async function take(kiln: Kiln, plan: EnvironmentPlan, offer: Offer, task: Task): Promise<Image | null> {
  const { key, reference } = plan;
  const staging = imageReference("environment", keyOf({ run: kiln.run, key, staging: true }));
  const own = await ownLabels(kiln, plan);
  try {
    return await task.step("take", `Take the environment from ${offer.origin}`, async (step) => {
      const to = { reference: staging, labels: own };
      const image = await offer.load(to, step);
      await using container = await kiln.engine.create(containerSpec(kiln, plan, image.id, { limits: {} }));
      await verifyImage(kiln, image, container, plan);
      await kiln.engine.tag(staging, reference);
      step.summary = "its packages are the lock's";
      return image;
    });
  } catch (thrown) {
    throwIfAborted(kiln.signal);
    offer.passOver(asFailure(thrown).message, task);
    return null;
  } finally {
    await kiln.engine.removeImage(staging);
  }
}

async function ownLabels(
  kiln: Kiln,
  { key, lock, target }: EnvironmentPlan,
): Promise<Record<string, string>> {
  return {
    [labels.kind]: "environment",
    [labels.key]: key,
    [labels.base]: lock.base,
    [labels.lock]: await kiln.store.putBytes(canonicalJson(lock)),
    [labels.target]: targetName(target),
    [labels.created]: new Date().toISOString(),
  };
}
