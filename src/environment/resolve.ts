import { z } from "zod";
import { counted } from "../base/counted.ts";
import { DigestText, type Digest, canonicalJson, keyOf } from "../base/digest.ts";
import type { Task } from "../base/event.ts";
import { parseJson } from "../base/parse-json.ts";
import { once } from "../store/once.ts";
import { isPinning } from "./apt-choice.ts";
import { type Archive, selectionOf } from "./archive.ts";
import type { Base } from "./base-image.ts";
import type { Repository } from "../debian/repository.ts";
import { reluctantSuite } from "./base-repositories.ts";
import { withIndices } from "./indices.ts";
import { uriOutside } from "./local-repositories.ts";
import type { Kiln } from "./kiln.ts";
import { coreSet } from "./core-set.ts";
import { Lock, type LockedPackage, type LockedRelease } from "./lock.ts";
import { currentReleases } from "./releases.ts";
import { type Request, dependenciesOf, solve } from "./resolver.ts";
import type { Target } from "./target.ts";

export interface Resolved {
  readonly lock: Lock;
  /** Of a system's lock: its digest without the leaves, the packages that nothing else in it needs. */
  readonly core: Digest | null;
  /** Digest of the lock's canonical JSON, under which the store keeps it. */
  readonly digest: Digest;
  readonly outcome: "hit" | "made";
}

const Resolution = z.strictObject({ lock: DigestText, core: DigestText.nullable().default(null) });

/** What a resolution depends on: found again under the same key, it needs no container at all. */
export interface ResolutionRequest {
  readonly target: Target;
  readonly archive: Archive;
  readonly base: Base;
  /** Of the base's repositories; those of the extra ones are asked here. */
  readonly releases: readonly LockedRelease[];
  readonly request: Request;
  readonly task: Task;
}

/**
 * The lock that a request comes to.
 * @throws Failure unsatisfiable (dependency) and what refreshing the indices raises.
 */
export async function resolve(kiln: Kiln, wanted: ResolutionRequest): Promise<Resolved> {
  const releases = [...wanted.releases, ...(await currentReleases(kiln, wanted.archive.extra))];
  const key = resolutionKey({
    ...wanted,
    from: wanted.base.digest,
    repositories: wanted.base.repositories,
    releases,
  });
  return once<Resolved>(kiln.store, "resolution", key, kiln.signal, {
    waiting: () => wanted.task.note("waiting for another debkiln that resolves the same dependencies"),
    find: () => recallResolution(kiln, key),
    make: () =>
      wanted.task.step("resolve", "Resolve dependencies", async (step) => {
        const { lock, coreLock } = await resolveAnew(kiln, { ...wanted, releases, task: step });
        step.summary = `${counted(lock.packages.length - wanted.base.packages.length, "package")} beyond the base`;
        return await rememberResolution(kiln, key, lock, coreLock);
      }),
  });
}

/** The lock under a digest, or null when the store has none that can be read: it is then made again. */
export async function recallLock(kiln: Pick<Kiln, "store">, digest: Digest): Promise<Lock | null> {
  const bytes = await kiln.store.findBytes(digest);
  const parsed = bytes === null ? null : Lock.safeParse(parseJson(bytes.toString("utf8")));
  return parsed?.data ?? null;
}

/** What decides how a request is resolved. */
export interface ResolutionInputs extends Pick<ResolutionRequest, "target" | "archive" | "request"> {
  /** What it is resolved in: the digest of a base, or the id of an image that has more. */
  readonly from: Digest;
  /** The base's. */
  readonly repositories: readonly Repository[];
  /** Of all repositories. */
  readonly releases: readonly LockedRelease[];
}

/** Under this key a resolution is found again. */
export function resolutionKey(inputs: ResolutionInputs): Digest {
  const { from, archive, request, target, repositories, releases } = inputs;
  const digests = releases.map(({ digest }) => digest).toSorted();
  const selection = selectionOf([...repositories, ...archive.extra]);
  // Whoever explains a failure has no part in what is chosen.
  const { explainer: _, ...chosen } = request;
  return keyOf({
    base: from,
    digests,
    selection,
    reluctant: reluctantSuite(target),
    request: chosen,
    ...(archive.apt === undefined ? {} : { apt: archive.apt }),
  });
}

/** The resolution under a key; null when the store has none, or has lost its lock. */
export async function recallResolution(kiln: Pick<Kiln, "store">, key: Digest): Promise<Resolved | null> {
  const known = await kiln.store.recall("resolution", key, Resolution);
  const lock = known === null ? null : await recallLock(kiln, known.lock);
  return known === null || lock === null
    ? null
    : { lock, digest: known.lock, core: known.core, outcome: "hit" };
}

/** Keeps a resolution under its key. */
export async function rememberResolution(
  kiln: Pick<Kiln, "store">,
  key: Digest,
  lock: Lock,
  coreLock: Lock | null = null,
): Promise<Resolved> {
  const digest = await kiln.store.putBytes(canonicalJson(lock));
  const core = coreLock === null ? null : await kiln.store.putBytes(canonicalJson(coreLock));
  await kiln.store.remember("resolution", key, { lock: digest, core });
  return { lock, digest, core, outcome: "made" };
}

async function resolveAnew(
  kiln: Kiln,
  wanted: ResolutionRequest,
): Promise<{ lock: Lock; coreLock: Lock | null }> {
  const { target, base, archive, releases, request, task } = wanted;
  const lockOf = (packages: readonly LockedPackage[]): Lock => ({
    schemaVersion: 1,
    suite: target.suite,
    architecture: target.architecture,
    base: base.digest,
    packages,
    releases: [...releases],
    ...(archive.apt === undefined ? {} : { apt: archive.apt }),
  });
  if (request.depends === "" && request.conflicts === "")
    return { lock: lockOf(base.packages), coreLock: null };
  const foreign = request.host === undefined ? [] : [request.host];
  const isPinned = isPinning(archive.apt) || (request.system?.preferences ?? "") !== "";
  const altering = request.explainer === "dose3" || request.solver === "aspcud" || isPinned;
  const indices = { target, base, releases, extra: archive.extra, foreign, altering, task };
  return withIndices(kiln, indices, async (container) => {
    const how = {
      request,
      reluctant: reluctantSuite(target),
      native: target.architecture,
      apt: archive.apt,
      task,
    };
    const solved = await solve(kiln, container, base.packages, how);
    const packages = solved.map((each) => ({ ...each, uri: uriOutside(each.uri, archive.extra) }));
    if (request.system === undefined) return { lock: lockOf(packages), coreLock: null };
    const control = await dependenciesOf(kiln, container, packages);
    return { lock: lockOf(packages), coreLock: lockOf(coreSet(base.packages, packages, control)) };
  });
}
