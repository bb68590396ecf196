import { planBuild } from "../build/plan.ts";
import { subjectOf } from "../build/request.ts";
import type { SourceArgument } from "../build/source.ts";
import { findCurrentBase } from "../environment/base.ts";
import { buildRecipe } from "../environment/base-recipe.ts";
import { type Explanation, explainEnvironment, missingBase } from "../environment/explain.ts";
import type { Kiln } from "../environment/kiln.ts";
import { targetName } from "../environment/target.ts";
import { type RequestFlags, binariesOf, buildRequest, placeOf } from "./build-request.ts";
import { identifyNamedSource } from "./identify-sources.ts";
import { withKiln } from "./kiln.ts";
import { explanationText } from "./render/explanation.ts";
import type { Session } from "./session.ts";

/** Shows what environment a build of that source would get, and why. */
export async function explainSource(session: Session, word: string, flags: RequestFlags): Promise<void> {
  const named = await identifyNamedSource(word, flags, session.settings);
  await withKiln(session, async (kiln) => {
    const explanation =
      (await withoutBase(kiln, session, named, flags)) ?? (await explain(kiln, session, named, flags));
    session.result(explanationText(explanation), explanation);
  });
}

/** A package is found by name in its target's base: without that there is nothing more to tell. */
async function withoutBase(
  kiln: Kiln,
  session: Session,
  named: SourceArgument,
  flags: RequestFlags,
): Promise<Explanation | null> {
  if (named.kind !== "package") return null;
  const { target, archive } = await placeOf(flags, session.settings, null);
  const found = await findCurrentBase(kiln, { target, archive, recipe: buildRecipe }, session.task);
  return "missing" in found ? { target: targetName(target), ...missingBase(found.missing) } : null;
}

async function explain(
  kiln: Kiln,
  session: Session,
  named: SourceArgument,
  flags: RequestFlags,
): Promise<Explanation> {
  const request = await buildRequest(kiln, session, named, flags, binariesOf(flags));
  const { dependencies } = planBuild(request);
  const { target, archive } = request;
  const wanted = { target, archive, recipe: buildRecipe, request: dependencies, subject: subjectOf(request) };
  return explainEnvironment(kiln, wanted, session.task);
}
