import { setTimeout as delay } from "node:timers/promises";
import { isAlive } from "../base/process-identity.ts";
import type { ContainerSummary, Image } from "../engine/engine.ts";
import type { Kiln } from "./kiln.ts";
import { labels, runInStepReference } from "./names.ts";

/** Removes containers whose debkiln process has died. Gives how many there were. */
export async function reapLeftovers(kiln: Kiln): Promise<number> {
  const found = await orphans(kiln);
  for (const { id } of found) await kiln.engine.removeContainer(id);
  return found.length;
}

/** Containers whose debkiln process has died. */
export async function orphans({ engine }: Kiln): Promise<readonly ContainerSummary[]> {
  return (await engine.containers({ [labels.run]: "" })).filter(isOrphan);
}

/**
 * Whether a container is of a debkiln process that has died. Images inherit the labels of the container that they were
 * committed from, and with them whatever container anyone starts from one: the name tells those apart.
 */
export function isOrphan({ name, labels: given }: Pick<ContainerSummary, "name" | "labels">): boolean {
  const [, run] = /^debkiln-[a-z]+-([0-9a-f]+)-[0-9a-f]+$/.exec(name) ?? [];
  const owner = given[labels.process];
  return run !== undefined && run === given[labels.run] && owner !== undefined && !isAlive(owner);
}

/**
 * Removes images between the steps of another whose debkiln process has died. Gives how many there were; what a container
 * still uses stays.
 */
export async function reapSteps(kiln: Kiln): Promise<number> {
  let count = 0;
  for (const reference of await orphanedSteps(kiln)) if (await kiln.engine.removeImage(reference)) count += 1;
  return count;
}

/** References of images between steps whose debkiln process has died. */
export async function orphanedSteps({ engine }: Kiln): Promise<readonly string[]> {
  return stepOrphans(await engine.images({ [labels.run]: "" }));
}

/**
 * Of these images those between steps whose debkiln process has died, later ones first, as they stand on the earlier. They
 * have their labels from the container that they were committed from; what else anyone made of them has another name.
 */
export function stepOrphans(images: readonly Pick<Image, "references" | "labels">[]): readonly string[] {
  const dead = images.filter(({ labels: given }) => {
    const owner = given[labels.process];
    return owner !== undefined && !isAlive(owner);
  });
  return dead
    .flatMap(({ references, labels: given }) =>
      references.filter((each) => runInStepReference(each) === (given[labels.run] ?? "")),
    )
    .toSorted((a, b) => b.localeCompare(a, "en", { numeric: true }));
}

/**
 * Removes whatever containers this run still has: at its end there should be none, unless it was interrupted. podman removes
 * none while it commits it: that is waited for only so long that the command ends soon, as the engine then does it alone.
 */
export async function removeOwn({ engine, run }: Kiln): Promise<void> {
  const own = await engine.containers({ [labels.run]: run });
  await Promise.all(
    own.map(({ id }) => {
      const { assured, gone } = engine.beginRemoval(id);
      return Promise.race([gone, assured.then(() => delay(patienceMs))]);
    }),
  );
}

const patienceMs = 500;
