import type { Task } from "../base/event.ts";
import { Failure } from "../base/failure.ts";
import type { Buildinfo } from "../debian/buildinfo.ts";
import { compareVersions } from "../debian/version.ts";
import type { Archive } from "../environment/archive.ts";
import { ensureBase } from "../environment/base.ts";
import { buildRecipe } from "../environment/base-recipe.ts";
import { type ExactPackage, type GonePackage, findVersions } from "../environment/exact-versions.ts";
import type { IndexRequest } from "../environment/indices.ts";
import type { Kiln } from "../environment/kiln.ts";
import { type LockFile, type LockedSourceFile, lockFileVersion } from "../environment/lock-file.ts";
import { overlay } from "../environment/lock.ts";
import { currentReleases } from "../environment/releases.ts";
import { findSource } from "../environment/source-index.ts";
import type { Target } from "../environment/target.ts";
import type { Rebuild } from "../environment/variation.ts";
import { askedFor } from "./asked-by-buildinfo.ts";

/** What a .buildinfo is turned into a lock by. */
export interface BuildinfoRequest {
  readonly buildinfo: Buildinfo;
  /** The binary-only rebuild that it is of; null for a build of the source's own version. */
  readonly rebuild: Rebuild | null;
  readonly target: Target;
  readonly archive: Archive;
  /** The source's files when they are not to be looked for in the archive. */
  readonly sourceFiles: readonly LockedSourceFile[] | null;
  /** Whether newer versions are taken of packages that the archive no longer has in the version wanted. */
  readonly newer: "refused" | "allowed";
}

/**
 * The lock of what somebody else built in, as far as the archive still has it: the packages of Installed-Build-Depends in
 * exactly their versions upon the target's base.
 * @throws Failure versions-gone (dependency), and what looking up raises.
 */
export async function lockOfBuildinfo(kiln: Kiln, request: BuildinfoRequest, task: Task): Promise<LockFile> {
  const { buildinfo, target, archive } = request;
  const { base, releases: own } = await ensureBase(kiln, { target, archive, recipe: buildRecipe }, task);
  const releases = [...own, ...(await currentReleases(kiln, archive.extra))];
  const indices: IndexRequest = { target, base, releases, extra: archive.extra, task };
  const { found, gone } = await findVersions(kiln, indices, buildinfo.installed);
  const instead = gone.length === 0 ? [] : substitutes(gone, request, task);
  const second = await findVersions(kiln, indices, instead);
  if (second.gone.length > 0) throw versionsGone(second.gone, request);
  const packages = overlay(base.packages, [...found, ...second.found]);
  return {
    kind: "debkiln-lock",
    schemaVersion: lockFileVersion,
    lock: {
      schemaVersion: 1,
      suite: target.suite,
      architecture: target.architecture,
      base: base.digest,
      packages,
      releases,
    },
    base: base.packages,
    source: {
      name: buildinfo.source,
      version: buildinfo.sourceVersion,
      files: [...(request.sourceFiles ?? (await sourceFiles(kiln, request, task)))],
    },
    build: askedFor(buildinfo, request.rebuild),
  };
}

/** The nearest newer version of each package that is gone, told of loudly. */
function substitutes(
  gone: readonly GonePackage[],
  request: BuildinfoRequest,
  task: Task,
): readonly ExactPackage[] {
  if (request.newer === "refused") throw versionsGone(gone, request);
  return gone.map((each) => {
    const version = each.available.findLast((other) => compareVersions(other, each.version) >= 0);
    if (version === undefined) throw versionsGone([each], request);
    task.warn(`${each.name} ${version} takes the place of ${each.version}, which the archive no longer has`);
    return { ...each, version };
  });
}

async function sourceFiles(
  kiln: Kiln,
  { buildinfo, target, archive }: BuildinfoRequest,
  task: Task,
): Promise<readonly LockedSourceFile[]> {
  const { source: name, sourceVersion: version } = buildinfo;
  const files = await findSource(kiln, { target, archive, name, version }, task);
  return files.map(({ fileName, ...file }) => ({ name: fileName, ...file }));
}

/** How many jobs a build had by its .buildinfo; null when that does not say. */
export function jobsOf({ environment }: Buildinfo): number | null {
  const [, jobs] = /(?:^|\s)parallel=(\d{1,4})(?:\s|$)/.exec(environment["DEB_BUILD_OPTIONS"] ?? "") ?? [];
  return jobs === undefined || Number(jobs) === 0 ? null : Number(jobs);
}

function versionsGone(gone: readonly GonePackage[], { target, newer }: BuildinfoRequest): Failure {
  const first = gone.slice(0, 3).map(({ name, version, available: [newest] }) => {
    return `${name} ${version} (${newest === undefined ? "no such package" : `there is ${newest}`})`;
  });
  const more = gone.length > 3 ? ` and ${gone.length - 3} more` : "";
  return new Failure(
    "dependency",
    "versions-gone",
    `The archive of ${target.suite} no longer has ${first.join(", ")}${more}`,
    {
      hint:
        newer === "allowed"
          ? "There is nothing newer either: check the suite (-d), or name a --snapshot of the time of that build."
          : "Name a --snapshot of the time of that build; --allow-newer takes newer versions, with which the result may differ.",
      details: { gone },
    },
  );
}
