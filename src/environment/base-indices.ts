import type { Task } from "../base/event.ts";
import type { Repository } from "../debian/repository.ts";
import type { Base } from "./base-image.ts";
import { baseRepositories } from "./base-repositories.ts";
import type { IndexRequest } from "./indices.ts";
import type { LockedRelease } from "./lock.ts";
import { releaseUris } from "./releases.ts";
import type { Target } from "./target.ts";

/** The indices of what a base is made of: overlays and extra repositories say nothing about whether it is current. */
export function baseIndices(
  target: Target,
  base: Base,
  releases: readonly LockedRelease[],
  task: Task,
): IndexRequest {
  const repositories = baseRepositories(base.repositories);
  return {
    target,
    base: { ...base, repositories },
    releases: baseReleases(repositories, releases),
    extra: [],
    task,
  };
}

/** The indices of those suites that a base is made of. */
export function baseReleases(
  repositories: readonly Repository[],
  releases: readonly LockedRelease[],
): readonly LockedRelease[] {
  const uris = new Set(releaseUris(baseRepositories(repositories)));
  return releases.filter(({ uri }) => uris.has(uri));
}
