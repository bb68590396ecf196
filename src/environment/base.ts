import { readFile } from "node:fs/promises";
import { type Digest, digestOf, keyOf } from "../base/digest.ts";
import type { Task } from "../base/event.ts";
import { parseRelease } from "../debian/release.ts";
import type { Repository } from "../debian/repository.ts";
import { once } from "../store/once.ts";
import type { Archive } from "./archive.ts";
import { Base } from "./base-image.ts";
import { type BootstrapPlan, baseSuiteOf, recipeVersion } from "./bootstrap-plan.ts";
import type { Kiln } from "./kiln.ts";
import type { LockedRelease } from "./lock.ts";
import { imageChanges, imageReference, labels } from "./names.ts";
import { currentReleases, releaseText } from "./releases.ts";
import { withIndices } from "./indices.ts";
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
  const known = await knownRepositories(kiln, target, archive);
  if (known === null) return makeUnknown(kiln, target, archive, task);
  const releases = await currentReleases(kiln, known);
  const key = await baseKey(target, known, releases);
  const hit = await findBase(kiln, key);
  if (hit !== null) return { base: hit, releases, outcome: "hit", reason: "the archive has not moved" };
  return once(kiln.store, "base", key, kiln.signal, {
    find: async () => {
      const base = await findBase(kiln, key);
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

/** The base of a target if it is there and current, without making anything; else the reason. */
export async function findCurrentBase(
  kiln: Kiln,
  target: Target,
  archive: Archive,
): Promise<{ base: Base; releases: readonly LockedRelease[] } | { missing: string }> {
  const known = await knownRepositories(kiln, target, archive);
  if (known === null) return { missing: "no base was ever made for this target" };
  const releases = await currentReleases(kiln, known);
  const base = await findBase(kiln, await baseKey(target, known, releases));
  if (base !== null) return { base, releases };
  const latest = await kiln.store.recall("base-latest", latestKey(target), Base);
  return {
    missing:
      latest === null ? "no base was ever made for this target" : "the archive has moved since it was made",
  };
}

interface Renewal {
  readonly repositories: readonly Repository[];
  readonly releases: readonly LockedRelease[];
  readonly task: Task;
}

/** Keeps the last base when an upgrade of it would bring nothing, which takes seconds; makes a new one otherwise. */
async function renew(kiln: Kiln, target: Target, archive: Archive, renewal: Renewal): Promise<BaseOutcome> {
  const { releases, task } = renewal;
  const latest = await kiln.store.recall("base-latest", latestKey(target), Base);
  if (latest !== null && (await isPresent(kiln, latest))) {
    const moved = await withIndices(
      kiln,
      { target, base: latest, releases, extra: archive.extra, task },
      (container) => upgradable(kiln, container),
    );
    if (moved.length === 0) {
      return {
        base: latest,
        releases,
        outcome: "unchanged",
        reason: "the archive moved, but not the base's packages",
      };
    }
    const base = await make(kiln, target, archive, renewal);
    return {
      base,
      releases,
      outcome: "made",
      reason: `newer in the archive: ${moved.slice(0, 5).join(", ")}`,
    };
  }
  const base = await make(kiln, target, archive, renewal);
  return {
    base,
    releases,
    outcome: "made",
    reason: latest === null ? "none was there" : "its image was removed",
  };
}

/** For a target whose repositories only the bootstrap tool knows. */
async function makeUnknown(kiln: Kiln, target: Target, archive: Archive, task: Task): Promise<BaseOutcome> {
  const base = await make(kiln, target, archive, { repositories: null, releases: [], task });
  const releases = await currentReleases(kiln, base.repositories);
  await remember(kiln, target, await baseKey(target, base.repositories, releases), base);
  return { base, releases, outcome: "made", reason: "none was there" };
}

async function make(
  kiln: Kiln,
  target: Target,
  archive: Archive,
  renewal: { repositories: readonly Repository[] | null; releases: readonly LockedRelease[]; task: Task },
): Promise<Base> {
  const plan: BootstrapPlan = {
    target,
    suite: baseSuiteOf(target),
    repositories: renewal.repositories,
    epoch: await epochOf(kiln, renewal.releases),
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
    });
    await kiln.engine.tag(staging, imageReference("base", made.digest));
    await kiln.engine.removeImage(staging);
    const bare: Base = { digest: made.digest, repositories: made.repositories, packages: [] };
    const releases =
      renewal.releases.length > 0 ? renewal.releases : await currentReleases(kiln, made.repositories);
    const packages = await withIndices(
      kiln,
      { target, base: bare, releases, extra: archive.extra, task: step },
      (container) => installedPackages(kiln, container),
    );
    step.summary = `${packages.length} packages`;
    return { ...bare, packages };
  });
}

async function findBase(kiln: Kiln, key: Digest): Promise<Base | null> {
  const base = await kiln.store.recall("base", key, Base);
  return base !== null && (await isPresent(kiln, base)) ? base : null;
}

async function isPresent(kiln: Kiln, base: Base): Promise<boolean> {
  return (await kiln.engine.image(imageReference("base", base.digest))) !== null;
}

async function remember(kiln: Kiln, target: Target, key: Digest, base: Base): Promise<void> {
  await kiln.store.remember("base", key, base);
  await kiln.store.remember("base-latest", latestKey(target), base);
}

/** The archive's main suites, or those that the bootstrap tool chose last time. */
async function knownRepositories(
  kiln: Kiln,
  target: Target,
  archive: Archive,
): Promise<readonly Repository[] | null> {
  if (archive.main !== null) return archive.main;
  return (await kiln.store.recall("base-latest", latestKey(target), Base))?.repositories ?? null;
}

async function baseKey(
  target: Target,
  repositories: readonly Repository[],
  releases: readonly LockedRelease[],
): Promise<Digest> {
  const { architecture, components, keyring } = target;
  const suites = repositories.map(({ suites, components }) => ({ suites, components }));
  const signedBy = keyring === undefined ? null : digestOf(await readFile(keyring));
  const digests = releases.map(({ digest }) => digest);
  return keyOf({
    suite: baseSuiteOf(target),
    architecture,
    components,
    suites,
    signedBy,
    digests,
    recipeVersion,
  });
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
