import { planEnvironment } from "../environment/plan.ts";
import { systemRequest } from "../image/build/system.ts";
import type { ImagePlan } from "../image/plan.ts";
import { type DefinitionFlags, planImages } from "./image-plans.ts";
import { withKiln } from "./kiln.ts";
import { type ResolvedPackages, imagePlanText, shownPlan } from "./render/image-plan.ts";
import type { Session } from "./session.ts";
import { archiveFor } from "./target.ts";

export interface CheckFlags extends DefinitionFlags {
  /** Whether the archive is asked for the packages. */
  readonly resolve?: boolean | undefined;
}

/** Shows what an image would be made of. */
export async function checkImage(session: Session, file: string, flags: CheckFlags): Promise<void> {
  const { plans } = await planImages(session, file, flags);
  for (const { message, hint } of plans[0]?.notices ?? []) session.task.warn(message, hint);
  const resolved = flags.resolve === true ? await resolvePackages(session, plans) : [];
  for (const [at, plan] of plans.entries()) {
    const packages = resolved[at] ?? null;
    session.result(imagePlanText(plan, packages), shownPlan(plan, packages));
  }
}

async function resolvePackages(session: Session, plans: readonly ImagePlan[]): Promise<ResolvedPackages[]> {
  return await withKiln(session, async (kiln) => {
    const found: ResolvedPackages[] = [];
    for (const plan of plans) {
      const wanted = await systemRequest(kiln, plan, await archiveFor(plan.target), session.task);
      const { lock } = await planEnvironment(wanted.kiln, wanted.request, session.task);
      found.push(lock.packages);
    }
    return found;
  });
}
