import type { Container } from "../../engine/engine.ts";
import { containerSpec } from "../../environment/confinement.ts";
import type { Environment } from "../../environment/environment.ts";
import type { Kiln } from "../../environment/kiln.ts";
import { stepReference } from "../../environment/names.ts";

/**
 * Where the steps of an image work: the environment's container, or one of an image that a step made of it. Disposing leaves
 * the environment as it is.
 */
export class Workbench implements AsyncDisposable {
  readonly #kiln: Kiln;
  readonly #environment: Environment;
  #container: Container;
  readonly #images: string[] = [];

  constructor(kiln: Kiln, environment: Environment) {
    this.#kiln = kiln;
    this.#environment = environment;
    this.#container = environment.container;
  }

  get container(): Container {
    return this.#container;
  }

  /** Goes on in a container of the image that `make` makes of what is there so far; both images go in the end. */
  async continueIn(make: (from: string, reference: string) => Promise<unknown>): Promise<void> {
    const { run, engine } = this.#kiln;
    const number = this.#images.length;
    const [from, reference] = [stepReference(run, number, "base"), stepReference(run, number, "made")];
    this.#images.push(from, reference);
    await this.#container.commit(from, { changes: [] });
    await make(from, reference);
    const next = await engine.create(
      containerSpec(this.#kiln, this.#environment.plan, reference, { limits: {} }),
    );
    await this.#leave();
    this.#container = next;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#leave();
    for (const image of this.#images.toReversed()) await this.#kiln.engine.removeImage(image);
  }

  async #leave(): Promise<void> {
    if (this.#container !== this.#environment.container) await this.#container[Symbol.asyncDispose]();
  }
}
