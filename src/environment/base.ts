import { type Digest, keyOf } from "../base/digest.ts";
import type { Task } from "../base/event.ts";
import { parseRelease } from "../debian/release.ts";
import type { Repository } from "../debian/repository.ts";
import { once } from "../store/once.ts";
import type { Archive } from "./archive.ts";
import { baseRepositories, mainRepositories } from "./base-repositories.ts";
import { Base } from "./base-image.ts";
import { type BootstrapPlan, baseSuiteOf, recipeVersion } from "./bootstrap-plan.ts";
import { requireRunnable } from "./emulation.ts";
import type { Kiln } from "./kiln.ts";
import type { LockedRelease } from "./lock.ts";
import { imageChanges, imageReference, labels } from "./names.ts";
import { currentReleases, releaseText, releaseUris } from "./releases.ts";
import { type IndexRequest, withIndices } from "./indices.ts";
import { installedPackages, upgradable } from "./resolver.ts";
import { type Target, targetName } from "./target.ts";

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
export async function ensureBase(
  kiln: Kiln,
  target: Target,
  archive: Archive,
  task: Task,
): Promise<BaseOutcome> {
  const known = await knownRepositories(kiln, target, archive, task);
  if (known === null) return makeUnknown(kiln, target, archive, task);
  const releases = await currentReleases(kiln, known);
  const key = baseKey(target, known, releases);
  const hit = await findBase(kiln, key, known);
  if (hit !== null) return { base: hit, releases, outcome: "hit", reason: "the archive has not moved" };
  return once(kiln.store, "base", key, kiln.signal, {
    waiting: () => task.note("waiting for another debkiln that makes the same base"),
    find: async () => {
      const base = await findBase(kiln, key, known);
      return base === null
        ? null
        : { base, releases, outcome: "hit", reason: "another command has just made it" };
    },
    make: async () => {
      const outcome = await renew(kiln, target, archive, { repositories: known, releases, task });
      await remember(kiln, target, key, outcome.base);
      return outcome;
    },
  });
}

/** As `ensureBase`, without making anything: what is missing is said. Asks the archive and at most runs apt on the last base. */
export async function findCurrentBase(
  kiln: Kiln,
  target: Target,
  archive: Archive,
  task: Task,
): Promise<BaseOutcome | MissingBase> {
  const known = await knownRepositories(kiln, target, archive, task);
  if (known === null) return { missing: "none was there" };
  const releases = await currentReleases(kiln, known);
  const base = await findBase(kiln, baseKey(target, known, releases), known);
  if (base !== null) return { base, releases, outcome: "hit", reason: "the archive has not moved" };
  return standingBase(kiln, target, { repositories: known, releases, task });
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

/** Keeps the last base when an upgrade of it would bring nothing, which takes seconds; makes a new one otherwise. */
async function renew(kiln: Kiln, target: Target, archive: Archive, renewal: Renewal): Promise<BaseOutcome> {
  const standing = await standingBase(kiln, target, renewal);
  if ("base" in standing) return standing;
  const base = await make(kiln, target, archive, renewal);
  return { base, releases: renewal.releases, outcome: "made", reason: standing.missing };
}

/** The last base, if an upgrade of it would bring nothing. */
async function standingBase(
  kiln: Kiln,
  target: Target,
  { repositories, releases, task }: Renewal,
): Promise<BaseOutcome | MissingBase> {
  const recalled = await kiln.store.recall("base-latest", latestKey(target), Base);
  if (recalled === null) return { missing: "none was there" };
  const latest = { ...recalled, repositories };
  if (!(await isPresent(kiln, latest))) return { missing: "its image was removed" };
  const moved = await withIndices(kiln, baseIndices(target, latest, releases, task), (container) =>
    upgradable(kiln, container),
  );
  if (moved.length > 0) return { missing: `newer in the archive: ${moved.slice(0, 5).join(", ")}` };
  const reason = "the archive moved, but not the base's packages";
  return { base: latest, releases, outcome: "unchanged", reason };
}

/** The indices of what a base is made of: overlays and extra repositories say nothing about whether it is current. */
function baseIndices(
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

/** For a target whose repositories only the bootstrap tool knows. */
async function makeUnknown(kiln: Kiln, target: Target, archive: Archive, task: Task): Promise<BaseOutcome> {
  const base = await make(kiln, target, archive, { repositories: null, releases: [], task });
  const releases = await currentReleases(kiln, base.repositories);
  await remember(kiln, target, baseKey(target, base.repositories, releases), base);
  return { base, releases, outcome: "made", reason: "none was there" };
}

async function make(
  kiln: Kiln,
  target: Target,
  archive: Archive,
  renewal: { repositories: readonly Repository[] | null; releases: readonly LockedRelease[]; task: Task },
): Promise<Base> {
  await requireRunnable(await kiln.engine.about(), target.architecture);
  const plan: BootstrapPlan = {
    target,
    suite: baseSuiteOf(target),
    repositories: renewal.repositories === null ? null : baseRepositories(renewal.repositories),
    key: archive.key,
    epoch: await epochOf(kiln, baseReleases(renewal.repositories ?? [], renewal.releases)),
  };
  return renewal.task.step("bootstrap", `Bootstrap ${plan.suite} ${target.architecture}`, async (step) => {
    const staging = imageReference("base", keyOf({ run: kiln.run, target, staging: true }));
    // Loaded only now: most commands find their base, and starting host commands needs 60 ms of library.
    const { bootstrap } = await import("./bootstrap.ts");
    const made = await bootstrap(kiln, plan, step, async (tar) => {
      await kiln.engine.import(tar, staging, {
        changes: imageChanges("base", { [labels.target]: targetName(target) }),
        architecture: target.architecture,
        signal: kiln.signal,
      });
    }).catch(async (thrown: unknown) => {
      await kiln.engine.removeImage(staging);
      throw thrown;
    });
    await kiln.engine.tag(staging, imageReference("base", made.digest));
    await kiln.engine.removeImage(staging);
    const repositories =
      renewal.repositories ??
      (await mainRepositories(kiln, target, archive, made.repositories, step)) ??
      made.repositories;
    const bare: Base = { digest: made.digest, repositories, packages: [] };
    const releases =
      renewal.releases.length > 0 ? renewal.releases : await currentReleases(kiln, repositories);
    const packages = await withIndices(kiln, baseIndices(target, bare, releases, step), (container) =>
      installedPackages(kiln, container),
    );
    step.summary = `${packages.length} packages`;
    return { ...bare, packages };
  });
}

/** The base under a key, to be resolved against the suites of the target at hand: more than one may stand on it. */
async function findBase(kiln: Kiln, key: Digest, repositories: readonly Repository[]): Promise<Base | null> {
  const base = await kiln.store.recall("base", key, Base);
  return base !== null && (await isPresent(kiln, base)) ? { ...base, repositories } : null;
}

async function isPresent(kiln: Kiln, base: Base): Promise<boolean> {
  return (await kiln.engine.image(imageReference("base", base.digest))) !== null;
}

async function remember(kiln: Kiln, target: Target, key: Digest, base: Base): Promise<void> {
  await kiln.store.remember("base", key, base);
  await kiln.store.remember("base-latest", latestKey(target), base);
}

/** The archive's main suites, or those at the mirrors that the bootstrap tool chose last time. */
async function knownRepositories(
  kiln: Kiln,
  target: Target,
  archive: Archive,
  task: Task,
): Promise<readonly Repository[] | null> {
  const latest =
    archive.main === null ? await kiln.store.recall("base-latest", latestKey(target), Base) : null;
  return mainRepositories(kiln, target, archive, latest?.repositories ?? null, task);
}

function baseKey(
  target: Target,
  repositories: readonly Repository[],
  releases: readonly LockedRelease[],
): Digest {
  const { architecture, components } = target;
  const suites = baseRepositories(repositories).map(({ suites, components, signedBy }) => ({
    suites,
    components,
    signedBy,
  }));
  const digests = baseReleases(repositories, releases).map(({ digest }) => digest);
  return keyOf({
    suite: baseSuiteOf(target),
    architecture,
    components,
    suites,
    digests,
    recipeVersion,
  });
}

/** The indices of those suites that a base is made of. */
function baseReleases(
  repositories: readonly Repository[],
  releases: readonly LockedRelease[],
): readonly LockedRelease[] {
  const uris = new Set(releaseUris(baseRepositories(repositories)));
  return releases.filter(({ uri }) => uris.has(uri));
}

/** Under this key lies the newest base of a target, whatever the archive was. */
function latestKey(target: Target): Digest {
  return keyOf({ ...target, repositories: [], suite: baseSuiteOf(target), recipeVersion });
}

/** The newest of the indices' dates, in seconds since the epoch. */
async function epochOf(kiln: Kiln, releases: readonly LockedRelease[]): Promise<number | null> {
  const dates = await Promise.all(
    releases.map(async (each) => parseRelease(await releaseText(kiln, each), each.uri).date.getTime() / 1000),
  );
  return dates.length === 0 ? null : Math.max(...dates);
}
