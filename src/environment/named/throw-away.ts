import type { Task } from "../../base/event.ts";
import { Failure } from "../../base/failure.ts";
import type { Image, Limits } from "../../engine/engine.ts";
import { buildRecipe } from "../base-recipe.ts";
import { openEnvironment } from "../open-environment.ts";
import type { Kiln } from "../kiln.ts";
import { type Archive, archiveOf, hostRepositories } from "../archive.ts";
import { imageReference } from "../names.ts";
import { type EnvironmentPlan, planEnvironment } from "../plan.ts";
import type { Request } from "../resolver.ts";
import { type Target, targetName } from "../target.ts";
import { readyBase } from "./init.ts";

/** An image that anybody may make again: nothing that is done in its containers is kept. */
export interface CachedImage {
  readonly image: Image;
  readonly target: Target;
  /** Null of a bare base. */
  readonly plan: EnvironmentPlan | null;
}

/** The base of a target, current. */
export async function cachedBase(kiln: Kiln, target: Target, task: Task): Promise<CachedImage> {
  const { base } = await readyBase(kiln, target, task);
  const image = await kiln.engine.image(imageReference("base", base.digest));
  if (image === null) throw notKept(target);
  return { image, target, plan: null };
}

/** What a request needs, from the cache or made and kept there. */
export async function cachedEnvironment(
  kiln: Kiln,
  {
    target,
    request,
    subject,
  }: { readonly target: Target; readonly request: Request; readonly subject: string },
  task: Task,
): Promise<CachedImage> {
  const archive: Archive = await archiveOf(target, await hostRepositories());
  const wanted = { target, archive, recipe: buildRecipe, request, subject };
  const plan = await planEnvironment(kiln, wanted, task);
  if (plan.image !== null) {
    await kiln.store.remember("used", plan.key, { time: Date.now() });
    return { image: plan.image, target, plan };
  }
  const limits: Limits = {};
  const environment = await openEnvironment(kiln, wanted, { limits }, task);
  await environment[Symbol.asyncDispose]();
  const image = await kiln.engine.image(environment.plan.reference);
  if (image === null) throw notKept(target);
  return { image, target, plan: { ...environment.plan, image } };
}

/** A request for packages by their names, in the form of dpkg's relation fields. */
export function packagesRequest(packages: readonly string[]): Request {
  return { depends: [...new Set(packages)].toSorted().join(", "), conflicts: "" };
}

function notKept(target: Target): Failure {
  return new Failure(
    "infrastructure",
    "image-missing",
    `The environment of ${targetName(target)} is not there`,
    {
      hint: "It was removed meanwhile, or the warnings above say why it could not be kept. Try again.",
    },
  );
}
