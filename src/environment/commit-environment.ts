import { asFailure } from "../base/failure.ts";
import type { Container } from "../engine/engine.ts";
import type { Opening } from "./environment.ts";
import { imageChanges, labels } from "./names.ts";
import type { Stage } from "./plan.ts";
import { targetName } from "./target.ts";
import { rememberVerified } from "./verify.ts";

/**
 * Makes the image of a plan, or of a stage on the way to it, from the container that has its packages. A failure of that is only a
 * warning, since the build needs nothing but its container.
 */
export async function commitEnvironment(
  { kiln, plan: { base, target }, task }: Omit<Opening, "confinement">,
  { key, lockDigest, reference }: Omit<Stage, "lock">,
  container: Container,
): Promise<void> {
  const changes = imageChanges("environment", {
    [labels.key]: key,
    [labels.base]: base.digest,
    [labels.lock]: lockDigest,
    [labels.target]: targetName(target),
  });
  try {
    const image = await container.commit(reference, { changes });
    await rememberVerified(kiln, image, key);
  } catch (thrown) {
    if (!kiln.signal.aborted) {
      task.warn(`The environment could not be kept for next time: ${asFailure(thrown).message}`);
    }
  }
}
