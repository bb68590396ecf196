import type { Task } from "../base/event.ts";
import { buildRecipe } from "../environment/base-recipe.ts";
import type { Kiln } from "../environment/kiln.ts";
import { lockEnvironment } from "../environment/lock-environment.ts";
import { type LockFile, lockFileVersion } from "../environment/lock-file.ts";
import type { LockedSet } from "../environment/locked-plan.ts";
import { namedPlaceOf } from "../environment/named/find.ts";
import { recordProvisions } from "../environment/provisions.ts";
import { planBuild } from "./plan.ts";
import { type BuildRequest, subjectOf } from "./request.ts";

/**
 * The lock of a build that is not made: everything that it would be made of.
 * @throws Failure what `planBuild` and `lockEnvironment` raise.
 */
export async function lockSource(kiln: Kiln, request: BuildRequest, task: Task): Promise<LockFile> {
  const { target, archive } = request;
  const { dependencies } = planBuild(request);
  const wanted = {
    target,
    archive,
    recipe: buildRecipe,
    request: dependencies,
    subject: subjectOf(request),
  };
  return lockFileOf(request, await lockEnvironment(kiln, wanted, task));
}

/** The lock file of a request that came to this set of packages. */
export function lockFileOf(
  { source, wanted, profiles, buildOptions, host, variation, provisions, named }: BuildRequest,
  { lock, basePackages }: LockedSet,
): LockFile {
  const { name, version } = source.package;
  return {
    kind: "debkiln-lock",
    schemaVersion: lockFileVersion,
    lock,
    base: basePackages,
    source: { name, version, files: [...source.files] },
    build: {
      wanted,
      profiles,
      buildOptions,
      ...(host === undefined ? {} : { host }),
      ...(variation === undefined ? {} : { variation }),
      ...(named === undefined ? {} : { named: namedPlaceOf(named) }),
      ...(provisions === undefined ? {} : { provisions: recordProvisions(provisions) }),
    },
  };
}
