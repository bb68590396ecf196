import type { Image } from "../engine/engine.ts";
import { containerSpec } from "./confinement.ts";
import { endContainer } from "./end-container.ts";
import type { Environment, Opening } from "./environment.ts";
import { layProvisions } from "./provisions.ts";
import { verifyImage } from "./verify.ts";

/** Starts an environment whose image is there. */
export async function startEnvironment(
  { kiln, plan, confinement, task }: Opening,
  image: Image,
): Promise<Environment> {
  // By its id: what is verified is what runs, whatever its name comes to mean.
  const container = await kiln.engine.create(containerSpec(kiln, plan, image.id, confinement));
  try {
    if (confinement.provisions !== undefined) await layProvisions(kiln, container, confinement.provisions);
  } catch (thrown) {
    await container[Symbol.asyncDispose]();
    throw thrown;
  }
  return {
    plan,
    container,
    installed: null,
    verify: () => verifyImage(kiln, image, container, plan),
    keep: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => endContainer(kiln, container, task),
  };
}
