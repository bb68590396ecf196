import { z } from "zod";
import { architecturesOf } from "../cross.ts";
import type { BuildPlan } from "../plan.ts";
import type { BuildRequest } from "../request.ts";
import { Artifact, FailureRecord } from "../result.ts";
import { targetName } from "../../environment/target.ts";
import type { Hook } from "./hook.ts";
import { hookPointNames } from "./point.ts";

/**
 * What a hook reads as JSON on its standard input. New keys may come within a version; what is there keeps its meaning, or the
 * version becomes another.
 */
export const HookContext = z
  .strictObject({
    kind: z.literal("debkiln-hook"),
    version: z.literal(1).describe("Of this form"),
    hook: z.string().describe("The hook's name"),
    point: z.enum(hookPointNames).describe("Where in the build it runs"),
    place: z.enum(["container", "host"]).describe("Where it runs"),
    source: z
      .strictObject({
        name: z.string().describe("The source package's name"),
        version: z.string().describe("Its version"),
      })
      .readonly(),
    name: z.string().describe("NAME_VERSION_ARCH, as the .changes is called"),
    packageVersion: z.string().describe("The packages' version: another than the source's in a binNMU"),
    buildType: z.string().describe("What is built, in the words of dpkg-buildpackage's --build"),
    target: z.string().describe("The target's name"),
    suite: z.string().describe("Its suite"),
    architectures: z
      .strictObject({
        build: z.string().describe("Architecture of the environment"),
        host: z.string().describe("Architecture of the packages"),
      })
      .readonly(),
    profiles: z.array(z.string()).readonly().describe("Build profiles"),
    buildOptions: z.array(z.string()).readonly().describe("Words of DEB_BUILD_OPTIONS"),
    tree: z.string().describe("Path of the unpacked source in the container"),
    container: z
      .string()
      .nullable()
      .describe("The container's name in the engine, as long as there is one; null in it"),
    directory: z
      .string()
      .nullable()
      .describe("On the host: where the results are, or what a failed build left; null before that"),
    log: z.string().nullable().describe("On the host: the build log, as `directory`"),
    artifacts: z
      .array(Artifact)
      .readonly()
      .describe("On the host: the results, once they are in their place"),
    failure: FailureRecord.nullable().describe("What failed; null when nothing did"),
  })
  .readonly();
export type HookContext = z.infer<typeof HookContext>;

/** What is known of a build beyond its plan. */
export interface Progress {
  readonly container: string | null;
  readonly directory: string | null;
  readonly artifacts: readonly Artifact[];
  readonly failure: FailureRecord | null;
}

/** What a hook is told: one in the container nothing of the host. */
export function contextOf(
  { name, point, place }: Hook,
  request: BuildRequest,
  plan: BuildPlan,
  { container, directory, artifacts, failure }: Progress,
): HookContext {
  const { build, host } = architecturesOf(request);
  const isHere = place === "host";
  return {
    kind: "debkiln-hook",
    version: 1,
    hook: name,
    point,
    place,
    source: { name: plan.source.name, version: plan.source.version },
    name: plan.name,
    packageVersion: plan.version,
    buildType: plan.buildType,
    target: targetName(request.target),
    suite: request.target.suite,
    architectures: { build, host },
    profiles: [...request.profiles],
    buildOptions: [...request.buildOptions],
    tree: plan.tree,
    container: isHere ? container : null,
    directory: isHere ? directory : null,
    log: isHere && directory !== null ? `${directory}/${plan.name}.build` : null,
    artifacts: isHere ? [...artifacts] : [],
    failure,
  };
}

/** The same for shell commands, as far as they can make use of it. */
export function variablesOf(context: HookContext): Record<string, string> {
  const { directory, log, container, failure, artifacts } = context;
  const pathOf = (kind: Artifact["kind"]) => artifacts.find((each) => each.kind === kind)?.path;
  return Object.fromEntries(
    Object.entries({
      POINT: context.point,
      SOURCE: context.source.name,
      VERSION: context.packageVersion,
      NAME: context.name,
      SUITE: context.suite,
      ARCHITECTURE: context.architectures.host,
      TREE: context.tree,
      CONTAINER: container ?? undefined,
      DIRECTORY: directory ?? undefined,
      LOG: log ?? undefined,
      CHANGES: pathOf("changes"),
      DSC: pathOf("dsc"),
      FAILURE: failure?.code,
    }).flatMap(([key, value]) => (value === undefined ? [] : [[`DEBKILN_HOOK_${key}`, value]])),
  );
}
