import { isAlive } from "../base/process-identity.ts";
import type { Kiln } from "./kiln.ts";
import { labels } from "./names.ts";

/** Removes containers whose debkiln process has died. Gives how many there were. */
export async function reapLeftovers({ engine }: Kiln): Promise<number> {
  const ours = await engine.containers({ [labels.run]: "" });
  const orphans = ours.filter(
    ({ labels: { [labels.process]: owner } }) => owner !== undefined && !isAlive(owner),
  );
  for (const { id } of orphans) await engine.removeContainer(id);
  return orphans.length;
}

/** Removes whatever containers this run still has: at its end there should be none, unless it was interrupted. */
export async function removeOwn({ engine, run }: Kiln): Promise<void> {
  const own = await engine.containers({ [labels.run]: run });
  await Promise.all(own.map(({ id }) => engine.removeContainer(id)));
}
