import { setTimeout as delay } from "node:timers/promises";
import { isAlive } from "../base/process-identity.ts";
import type { ContainerSummary } from "../engine/engine.ts";
import type { Kiln } from "./kiln.ts";
import { labels } from "./names.ts";

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
