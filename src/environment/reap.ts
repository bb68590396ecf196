import { isAlive } from "../base/process-identity.ts";
import type { Kiln } from "./kiln.ts";
import { labels } from "./names.ts";

/**
 * Removes containers whose debkiln process has died. Gives how many there were. Images inherit the labels of the container
 * that they were committed from, and with them whatever container anyone starts from one: the name tells those apart.
 */
export async function reapLeftovers({ engine }: Kiln): Promise<number> {
  const labelled = await engine.containers({ [labels.run]: "" });
  const orphans = labelled.filter(({ name, labels: { [labels.run]: run, [labels.process]: owner } }) => {
    const isOurs = run !== undefined && new RegExp(`^debkiln-[a-z]+-${run}-`).test(name);
    return isOurs && owner !== undefined && !isAlive(owner);
  });
  for (const { id } of orphans) await engine.removeContainer(id);
  return orphans.length;
}

/** Removes whatever containers this run still has: at its end there should be none, unless it was interrupted. */
export async function removeOwn({ engine, run }: Kiln): Promise<void> {
  const own = await engine.containers({ [labels.run]: run });
  await Promise.all(own.map(({ id }) => engine.removeContainer(id)));
}
