import { asFailure, interrupted } from "../../base/failure.ts";
import type { Task } from "../../base/event.ts";
import { buildRecipe } from "../../environment/base-recipe.ts";
import type { Environment } from "../../environment/environment.ts";
import { openEnvironment } from "../../environment/open-environment.ts";
import type { Request } from "../../environment/resolver.ts";
import { toolPackages } from "../../environment/tool-recipe.ts";
import type { BuildRequest } from "../request.ts";
import type { CheckEnvironment, CheckPlace } from "./check.ts";
import type { CheckName } from "./outcome.ts";

/** Opens the environment of a check, in which nothing has a network. The caller disposes of it. */
export async function openCheckEnvironment(
  { kiln, request, about }: CheckPlace,
  name: string,
  wanted: CheckEnvironment,
  task: Task,
): Promise<Environment> {
  const native = wanted.architecture === "engine" ? (await about())?.architecture : undefined;
  const { target, archive } = request;
  const environment = await openEnvironment(
    kiln,
    {
      target: native === undefined ? target : { ...target, architecture: native },
      archive,
      recipe: buildRecipe,
      request: await requestOf(wanted),
      locked: wanted.locked,
      subject: `check ${name}`,
    },
    {
      limits: checkLimits(request),
      ...(wanted.tmpfs === undefined ? {} : { tmpfs: wanted.tmpfs }),
      provisions: wanted.provisions === "build" ? request.provisions : undefined,
    },
    task,
  );
  try {
    await environment.verify();
    return environment;
  } catch (thrown) {
    await environment[Symbol.asyncDispose]();
    throw thrown;
  }
}

/** What the environment is asked for. @throws Failure bad-tool-recipe (usage). */
export async function requestOf({ tool, request }: CheckEnvironment): Promise<Request> {
  const wanted = request ?? { depends: "", conflicts: "" };
  if (tool === undefined) return wanted;
  const parts = [wanted.depends, await toolPackages(tool)];
  return { ...wanted, depends: parts.filter((part) => part !== "").join(", ") };
}

/** A check is bounded as a build is. */
export function checkLimits({ limits }: BuildRequest) {
  return { pids: 8192, ...limits };
}

/** Environments that are made beside a build, for what comes after it. Disposing ends those that nobody took. */
export class PreparedEnvironments implements AsyncDisposable {
  readonly #place: CheckPlace;
  readonly #task: Task;
  readonly #stop = new AbortController();
  /** One is made after the other, in the order in which they are wanted: the build needs the machine too. */
  #last: Promise<unknown> = Promise.resolve();
  readonly #opened = new Map<CheckName, Promise<Environment | null>>();

  constructor(place: CheckPlace, task: Task) {
    const signal = AbortSignal.any([place.kiln.signal, this.#stop.signal]);
    this.#place = { ...place, kiln: { ...place.kiln, signal } };
    this.#task = task;
  }

  /** Begins to make one; that it cannot be made is told to whoever wants it then. */
  begin(name: CheckName, wanted: CheckEnvironment): void {
    if (this.#opened.has(name)) return;
    const title = `Make ready for ${name}`;
    const opening = this.#last.then(() =>
      this.#task.step(`prepare-${name}`, title, (task) =>
        openCheckEnvironment(this.#place, name, wanted, task),
      ),
    );
    this.#last = Promise.allSettled([opening]);
    this.#opened.set(
      name,
      opening.catch((thrown: unknown) => {
        const failure = asFailure(thrown);
        if (failure.fault !== "interrupted")
          this.#task.note(`${name} is tried again after the build: ${failure.message}`);
        return null;
      }),
    );
  }

  /** The prepared one, the caller's from now on; null when there is none. */
  async take(name: CheckName): Promise<Environment | null> {
    const opening = this.#opened.get(name);
    this.#opened.delete(name);
    return (await opening) ?? null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#opened.size > 0) this.#stop.abort(interrupted("the end of the build"));
    for (const opening of this.#opened.values()) await (await opening)?.[Symbol.asyncDispose]();
  }
}
