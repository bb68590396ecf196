import { architecture } from "../debian/architecture.ts";
import { type Inputs, readInputs } from "../image/blueprint/inputs.ts";
import { architectureOf } from "../image/blueprint/machine.ts";
import { type Overrides, override } from "../image/blueprint/override.ts";
import { planImage } from "../image/blueprint/plan.ts";
import { type Definition, readBlueprint } from "../image/blueprint/read.ts";
import type { ImagePlan } from "../image/plan.ts";
import type { Session } from "./session.ts";
import { hostArchitecture, placeWords } from "./target.ts";

/** What the flags say of an image. */
export interface DefinitionFlags {
  readonly arch?: readonly string[] | undefined;
  readonly dist?: string | undefined;
  readonly backend?: Overrides["backend"];
}

/** A definition with the plan of each architecture's image. */
export interface PlannedImages {
  readonly definition: Definition;
  readonly inputs: Inputs;
  readonly plans: readonly ImagePlan[];
}

/** Reads and plans what a definition's file says. @throws Failure (usage) for what no image can have. */
export async function planImages(
  session: Session,
  file: string,
  flags: DefinitionFlags,
): Promise<PlannedImages> {
  const definition = override(await readBlueprint(file), { suite: flags.dist, backend: flags.backend });
  const inputs = await readInputs(definition, session.signal);
  const asked = flags.arch ?? [architectureOf(definition) ?? hostArchitecture()];
  const names = [...new Set(asked.map((name) => architecture(name).name))];
  const fallback = placeWords(session.settings);
  return {
    definition,
    inputs,
    plans: names.map((name) => planImage(definition, inputs, { architecture: name, fallback })),
  };
}
