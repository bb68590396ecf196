import type { Task } from "../../base/event.ts";
import type { Container } from "../../engine/engine.ts";
import type { Archive } from "../../environment/archive.ts";
import { buildRecipe } from "../../environment/base-recipe.ts";
import { containerSpec } from "../../environment/confinement.ts";
import { openEnvironment } from "../../environment/open-environment.ts";
import type { Kiln } from "../../environment/kiln.ts";
import type { Target } from "../../environment/target.ts";
import { type Tool, toolPackages } from "../../environment/tool-recipe.ts";

/** Where the archive's sources and tools are looked for. */
export interface Place {
  readonly target: Target;
  readonly archive: Archive;
}

export interface Tools {
  /** With what its recipe in `Containerfiles/` installs. */
  readonly tool: Tool;
  /** `host` is for tools that run nothing of a source's. */
  readonly network: "none" | "host";
}

/**
 * Works in a container with programs that treat sources, of the engine's own architecture; ends it. Its packages are installed
 * without a network, whatever it has afterwards. @throws Failure what `toolPackages`, `openEnvironment` and its `verify` raise.
 */
export async function withTools<T>(
  kiln: Kiln,
  { target, archive }: Place,
  { tool, network }: Tools,
  task: Task,
  work: (container: Container) => Promise<T>,
): Promise<T> {
  const { architecture } = await kiln.engine.about();
  const limits = { pids: 1024 };
  await using environment = await openEnvironment(
    kiln,
    {
      target: { ...target, architecture },
      archive,
      recipe: buildRecipe,
      request: { depends: await toolPackages(tool), conflicts: "" },
      subject: `tool ${tool}`,
    },
    { limits },
    task,
  );
  await environment.verify();
  if (network === "none") return await work(environment.container);
  await environment.keep();
  const { plan } = environment;
  const spec = containerSpec(kiln, plan, plan.reference, { limits });
  await using container = await kiln.engine.create({ ...spec, network, runtime: undefined });
  return await work(container);
}
