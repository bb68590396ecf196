import type { Task } from "../base/event.ts";
import { importBase } from "./base-rootfs.ts";
import type { LockedInput } from "./bundle.ts";
import { requireRunnable } from "./emulation.ts";
import type { Kiln } from "./kiln.ts";
import { baseMissing } from "./locked-plan.ts";
import { environmentKey } from "./lock.ts";
import { imageReference } from "./names.ts";

/**
 * Brings a lock's base into the engine, unless it or the whole environment is there.
 * @throws Failure base-missing (dependency), base-altered, and what `requireRunnable` raises (infrastructure).
 */
export async function bringBase(kiln: Kiln, input: LockedInput, task: Task): Promise<void> {
  const { lock } = input.lockFile;
  for (const reference of [
    imageReference("environment", environmentKey(lock)),
    imageReference("base", lock.base),
  ]) {
    if ((await kiln.engine.image(reference)) !== null) return;
  }
  await requireRunnable(await kiln.engine.about(), lock.architecture);
  const tar = await input.base();
  if (tar === null) throw baseMissing(lock);
  await importBase(kiln, lock, tar, task);
}
