import type { Task } from "../../base/event.ts";
import type { Image } from "../../engine/engine.ts";
import type { Claim } from "../../store/claim.ts";
import { Found, claimUnlessFound } from "../../store/once.ts";
import type { Kiln } from "../kiln.ts";
import type { EnvironmentPlan } from "../plan.ts";
import { bringEnvironment } from "./remote-environment.ts";

/** A plan, and its image if that is here by now; else the claim to make it. */
export interface Settled {
  readonly plan: EnvironmentPlan;
  readonly claim: Claim | Found<Image>;
}

/**
 * Waits for whoever makes a plan's environment already, and looks for it where others have left theirs before it is claimed to be
 * made here.
 */
export async function claimOrBring(kiln: Kiln, plan: EnvironmentPlan, task: Task): Promise<Settled> {
  if (plan.image !== null) return { plan, claim: new Found(plan.image) };
  const claim = await claimUnlessFound(kiln.store, "environment", plan.key, kiln.signal, {
    find: () => kiln.engine.image(plan.reference),
    waiting: () => task.note("waiting for another debkiln that makes the same environment"),
  });
  if (claim instanceof Found) return { plan, claim };
  try {
    const brought = await bringEnvironment(kiln, plan, task);
    if (brought === null) return { plan, claim };
    await claim[Symbol.asyncDispose]();
    return { plan: brought, claim: new Found(brought.image) };
  } catch (thrown) {
    await claim[Symbol.asyncDispose]();
    throw thrown;
  }
}
