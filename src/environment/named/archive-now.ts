import type { Task } from "../../base/event.ts";
import { type Archive, archiveOf, hostRepositories } from "../archive.ts";
import { type BaseOutcome, baseToAsk } from "../base.ts";
import { buildRecipe } from "../base-recipe.ts";
import type { Kiln } from "../kiln.ts";
import type { Lock } from "../lock.ts";
import { currentReleases } from "../releases.ts";
import type { Target } from "../target.ts";

/** What apt is asked with about a named environment: its archive as it is now, and a base to ask in. */
export interface ArchiveNow extends Pick<BaseOutcome, "base" | "releases"> {
  readonly archive: Archive;
}

/** Of the environment with this lock. Raises what `baseToAsk` and `currentReleases` raise. */
export async function archiveNow(kiln: Kiln, target: Target, lock: Lock, task: Task): Promise<ArchiveNow> {
  const archive = await archiveOf(target, await hostRepositories());
  const asked = await baseToAsk(kiln, { target, archive, recipe: buildRecipe }, lock.base, task);
  return {
    archive,
    base: asked.base,
    releases: [...asked.releases, ...(await currentReleases(kiln, archive.extra))],
  };
}
