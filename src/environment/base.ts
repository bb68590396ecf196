import type { Digest } from "../base/digest.ts";
import type { Task } from "../base/event.ts";
import type { Repository } from "../debian/repository.ts";
import { once } from "../store/once.ts";
import type { Base } from "./base-image.ts";
import { baseIndices } from "./base-indices.ts";
import { baseKey, findBase, isPresent, latestBase, rememberBase } from "./base-memo.ts";
import type { BaseRequest } from "./base-recipe.ts";
import { mainRepositories } from "./base-repositories.ts";
import type { Kiln } from "./kiln.ts";
import type { LockedRelease } from "./lock.ts";
import { makeBase } from "./make-base.ts";
import { currentReleases } from "./releases.ts";
import { withIndices } from "./indices.ts";
import { upgradable } from "./resolver.ts";
import { bringBase, contributeBase, findRemoteBase } from "./remote/remote-base.ts";

/** Whether a base was there, and why not. */
export interface BaseOutcome {
  readonly base: Base;
  readonly releases: readonly LockedRelease[];
  readonly outcome: "hit" | "unchanged" | "made";
  readonly reason: string;
}

/**
 * The base image for a target, there in the engine when this returns: the one in use as long as the archive would give the
 * same packages, else a new one.
 */
export async function ensureBase(kiln: Kiln, wanted: BaseRequest, task: Task): Promise<BaseOutcome> {
  const known = await knownRepositories(kiln, wanted, task);
  if (known === null) return makeUnknown(kiln, wanted, task);
  const releases = await currentReleases(kiln, known);
  const key = baseKey(wanted, known, releases);
  const hit = await findBase(kiln, key, known);
  const outcome: BaseOutcome =
    hit === null
      ? await bringOrRenew(kiln, wanted, key, { repositories: known, releases, task })
      : { base: hit, releases, outcome: "hit", reason: "the archive has not moved" };
  contributeBase(kiln, wanted, key, outcome.base);
  return outcome;
}

async function bringOrRenew(
  kiln: Kiln,
  wanted: BaseRequest,
  key: Digest,
  renewal: Renewal,
): Promise<BaseOutcome> {
  const { repositories: known, releases, task } = renewal;
  return once<BaseOutcome>(kiln.store, "base", key, kiln.signal, {
    waiting: () => task.note("waiting for another debkiln that makes the same base"),
    find: async () => {
      const base = await findBase(kiln, key, known);
      return base === null
        ? null
        : { base, releases, outcome: "hit", reason: "another command has just made it" };
    },
    make: async () => {
      const outcome = await renew(kiln, wanted, key, renewal);
      await rememberBase(kiln, wanted, key, outcome.base);
      return outcome;
    },
  });
}

/** As `ensureBase`, without making anything: what is missing is said. Asks the archive and at most runs apt on the last base. */
export async function findCurrentBase(
  kiln: Kiln,
  wanted: BaseRequest,
  task: Task,
): Promise<BaseOutcome | MissingBase> {
  const known = await knownRepositories(kiln, wanted, task);
  if (known === null) return { missing: "none was there" };
  const releases = await currentReleases(kiln, known);
  const base = await findBase(kiln, baseKey(wanted, known, releases), known);
  if (base !== null) return { base, releases, outcome: "hit", reason: "the archive has not moved" };
  const standing = await standingBase(kiln, wanted, { repositories: known, releases, task });
  if (!("missing" in standing)) return standing;
  const origin = await findRemoteBase(kiln, wanted, baseKey(wanted, known, releases), task);
  return origin === null ? standing : { missing: `${standing.missing}; to be had from ${origin}` };
}

/**
 * A base to ask apt in, for an environment that was made on the one with that digest: that one as long as it is there, however
 * old, since nothing but its apt is used; else the current one.
 */
export async function baseToAsk(
  kiln: Kiln,
  wanted: BaseRequest,
  digest: Digest,
  task: Task,
): Promise<Pick<BaseOutcome, "base" | "releases">> {
  const repositories = await knownRepositories(kiln, wanted, task);
  if (repositories === null) return await ensureBase(kiln, wanted, task);
  const base: Base = { digest, repositories, packages: [] };
  if (!(await isPresent(kiln, base))) return await ensureBase(kiln, wanted, task);
  return { base, releases: await currentReleases(kiln, repositories) };
}

/** Why a base has to be made. */
export interface MissingBase {
  readonly missing: string;
}

interface Renewal {
  readonly repositories: readonly Repository[];
  readonly releases: readonly LockedRelease[];
  readonly task: Task;
}

/**
 * Takes the base that others have left; else keeps the last one when an upgrade of it would bring nothing, which takes seconds; makes
 * a new one otherwise.
 */
async function renew(kiln: Kiln, wanted: BaseRequest, key: Digest, renewal: Renewal): Promise<BaseOutcome> {
  const brought = await bringBase(kiln, wanted, key, renewal);
  if (brought !== null) {
    const { base, origin } = brought;
    return { base, releases: renewal.releases, outcome: "hit", reason: `from ${origin}` };
  }
  const standing = await standingBase(kiln, wanted, renewal);
  if ("base" in standing) return standing;
  const base = await makeBase(kiln, wanted, renewal);
  return { base, releases: renewal.releases, outcome: "made", reason: standing.missing };
}

/** The last base, if an upgrade of it would bring nothing. */
async function standingBase(
  kiln: Kiln,
  wanted: BaseRequest,
  { repositories, releases, task }: Renewal,
): Promise<BaseOutcome | MissingBase> {
  const recalled = await latestBase(kiln, wanted);
  if (recalled === null) return { missing: "none was there" };
  const latest = { ...recalled, repositories };
  if (!(await isPresent(kiln, latest))) return { missing: "its image was removed" };
  const moved = await withIndices(kiln, baseIndices(wanted.target, latest, releases, task), (container) =>
    upgradable(kiln, container),
  );
  if (moved.length > 0) return { missing: `newer in the archive: ${moved.slice(0, 5).join(", ")}` };
  const reason = "the archive moved, but not the base's packages";
  return { base: latest, releases, outcome: "unchanged", reason };
}

/** For a target whose repositories only the bootstrap tool knows. */
async function makeUnknown(kiln: Kiln, wanted: BaseRequest, task: Task): Promise<BaseOutcome> {
  if (kiln.remote !== undefined)
    task.warn(
      "No base is taken from the cache: this host names no mirror of Debian's to find one by",
      "Name one with --mirror or the setting `mirror`.",
    );
  const base = await makeBase(kiln, wanted, { repositories: null, releases: [], task });
  const releases = await currentReleases(kiln, base.repositories);
  const key = baseKey(wanted, base.repositories, releases);
  await rememberBase(kiln, wanted, key, base);
  contributeBase(kiln, wanted, key, base);
  return { base, releases, outcome: "made", reason: "none was there" };
}

/** The archive's main suites, or those at the mirrors that the bootstrap tool chose last time. */
async function knownRepositories(
  kiln: Kiln,
  wanted: BaseRequest,
  task: Task,
): Promise<readonly Repository[] | null> {
  const latest = wanted.archive.main === null ? await latestBase(kiln, wanted) : null;
  return mainRepositories(kiln, wanted.target, wanted.archive, latest?.repositories ?? null, task);
}
