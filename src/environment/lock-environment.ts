import type { Task } from "../base/event.ts";
import { ensureBase } from "./base.ts";
import type { Kiln } from "./kiln.ts";
import type { LockedSet } from "./locked-plan.ts";
import type { EnvironmentRequest } from "./plan.ts";
import { resolve } from "./resolve.ts";

/**
 * What a request comes to, without looking for its environment: a missing base is made, for its digest belongs to the lock.
 * @throws Failure what `ensureBase` and `resolve` raise.
 */
export async function lockEnvironment(
  kiln: Kiln,
  wanted: EnvironmentRequest,
  task: Task,
): Promise<LockedSet> {
  const { base, releases } = await ensureBase(kiln, wanted, task);
  const { target, archive, request } = wanted;
  const { lock } = await resolve(kiln, { target, archive, base, releases, request, task });
  return { lock, basePackages: base.packages };
}
