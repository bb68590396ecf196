import { type DefinitionFlags, planImages } from "./image-plans.ts";
import { imagePlanText, shownPlan } from "./render/image-plan.ts";
import type { Session } from "./session.ts";

/** Shows what an image would be made of. */
export async function checkImage(session: Session, file: string, flags: DefinitionFlags): Promise<void> {
  const { plans } = await planImages(session, file, flags);
  for (const { message, hint } of plans[0]?.notices ?? []) session.task.warn(message, hint);
  for (const plan of plans) session.result(imagePlanText(plan), shownPlan(plan));
}
