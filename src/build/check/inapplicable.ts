import { changesOf } from "../hook/hook.ts";
import type { BuildRequest } from "../request.ts";
import type { CheckName } from "./outcome.ts";

/** As much of a build as says which checks can be done on it. */
export type CheckedBuild = Pick<BuildRequest, "host" | "variation" | "wanted" | "hooks"> & {
  readonly source: Pick<BuildRequest["source"], "debianOnly">;
};

/** Why a check can say nothing of what such a build gave; null when it can. */
export function inapplicable(
  name: CheckName,
  { host, variation, wanted, source, hooks }: CheckedBuild,
): string | null {
  if (!wanted.any && !wanted.all && name !== "lintian") return "no packages are built";
  if (host !== undefined && runsPackages.has(name))
    return `what was cross-built for ${host} does not run here: build with --arch ${host} to have it`;
  if (source.debianOnly === true && unpacksSource.has(name))
    return "the tree has debian/ alone: build its .dsc to have it";
  const isPlain = variation?.rebuild === undefined && (variation?.buildpackage ?? []).length === 0;
  if (!isPlain && buildsAgain.has(name))
    return "the build had a version or options of its own, and this check builds the source as it is";
  if (changesOf(hooks).length > 0 && buildsAgain.has(name))
    return "hooks took part in the build, and this check builds the source without them";
  return null;
}

const buildsAgain: ReadonlySet<CheckName> = new Set<CheckName>(["reprotest", "build-depends"]);
const unpacksSource: ReadonlySet<CheckName> = new Set<CheckName>([...buildsAgain, "autopkgtest"]);
const runsPackages: ReadonlySet<CheckName> = new Set<CheckName>([...unpacksSource, "piuparts"]);
