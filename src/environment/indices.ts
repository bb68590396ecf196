import { type Digest, keyOf } from "../base/digest.ts";
import type { Task } from "../base/event.ts";
import { Failure, asFailure } from "../base/failure.ts";
import type { Repository } from "../debian/repository.ts";
import type { Container, ContainerSpec } from "../engine/engine.ts";
import { isLocal } from "../store/local-file.ts";
import { once } from "../store/once.ts";
import { archiveKey } from "./archive.ts";
import type { Base } from "./base-image.ts";
import { capabilities } from "./capabilities.ts";
import { endContainer } from "./end-container.ts";
import type { Kiln } from "./kiln.ts";
import { addLocalIndices } from "./local-indices.ts";
import { splitRepositories } from "./local-repositories.ts";
import type { LockedRelease } from "./lock.ts";
import { containerLabels, containerName, imageChanges, imageReference, labels } from "./names.ts";
import { acceptedReleases, addArchitecture, updateIndices } from "./resolver.ts";
import { putAptFiles } from "./resolver-files.ts";
import { type Target, targetName } from "./target.ts";

/** A base with the indices of one state of the archive: what the resolver works in. */
export interface IndexRequest {
  readonly target: Target;
  readonly base: Base;
  readonly releases: readonly LockedRelease[];
  readonly extra: readonly Repository[];
  readonly task: Task;
  /** Whether these are the indices of source packages. */
  readonly sources?: boolean;
  /** Architectures beside the target's whose packages are wanted too. */
  readonly foreign?: readonly string[];
  /** Whether the work leaves something in the container: it is then never the one that others' image is made of. */
  readonly altering?: boolean;
}

/**
 * Runs some work in a container that has a base's apt with the archive's indices. They come from an image of their own, so
 * that a second resolution needs no network; that image is made beside the first. Those of repositories on this machine are
 * added to what comes from it, for they are quickly read and change often.
 * @throws Failure what `updateIndices` raises, archive-moving (infrastructure).
 */
export async function withIndices<T>(
  kiln: Kiln,
  request: IndexRequest,
  work: (container: Container) => Promise<T>,
): Promise<T> {
  const { remote, local } = splitRepositories(request.extra);
  const releases = request.releases.filter(({ uri }) => !isLocal(uri));
  const shared: IndexRequest = { ...request, releases, extra: remote };
  if (local.length === 0 && request.altering !== true) return await withSharedIndices(kiln, shared, work);
  // What is added below must not come into the image that others share: it is made before.
  await keepSharedIndices(kiln, shared);
  return await withSharedIndices(kiln, shared, async (container) => {
    if (local.length > 0)
      await addLocalIndices(kiln, container, local, {
        type: request.sources === true ? "deb-src" : "deb",
        architectures: [request.target.architecture, ...(request.foreign ?? [])],
        releases: request.releases.filter(({ uri }) => isLocal(uri)),
        task: request.task,
      });
    return await work(container);
  });
}

/** Makes the image of the indices, once for all who want it at the same time, unless it is there. */
async function keepSharedIndices(kiln: Kiln, request: IndexRequest): Promise<void> {
  const key = indexKey(request);
  const reference = imageReference("index", key);
  await once(kiln.store, "index", key, kiln.signal, {
    waiting: () => request.task.note("waiting for another debkiln that refreshes the same indices"),
    find: () => kiln.engine.image(reference),
    make: async () => {
      const base = imageReference("base", request.base.digest);
      await using container = await kiln.engine.create(specification(kiln, request.target, base, "host"));
      await request.task.step("update", "Refresh the archive's indices", (step) =>
        update(kiln, request, container, step),
      );
      return await container.commit(reference, { changes: indexChanges(request, key) });
    },
  });
}

async function withSharedIndices<T>(
  kiln: Kiln,
  request: IndexRequest,
  work: (container: Container) => Promise<T>,
): Promise<T> {
  const key = indexKey(request);
  const reference = imageReference("index", key);
  if ((await kiln.engine.image(reference)) !== null) {
    await kiln.store.remember("used", key, { time: Date.now() });
    const container = await kiln.engine.create(specification(kiln, request.target, reference, "none"));
    try {
      return await work(container);
    } finally {
      await endContainer(kiln, container, request.task);
    }
  }
  const base = imageReference("base", request.base.digest);
  const container = await kiln.engine.create(specification(kiln, request.target, base, "host"));
  const kept: Promise<unknown>[] = [];
  try {
    await request.task.step("update", "Refresh the archive's indices", (step) =>
      update(kiln, request, container, step),
    );
    const commit = container.commit(reference, { changes: indexChanges(request, key) });
    // Its failure is told below, however long the work takes.
    commit.catch(() => undefined);
    kept.push(commit);
    return await work(container);
  } finally {
    kiln.background.add(closeAfter(kiln, container, kept, request.task), (thrown) =>
      request.task.warn(`The indices could not be kept: ${asFailure(thrown).message}`),
    );
  }
}

/** Ends the container once the commits from it are done. Raises the first one's failure. */
async function closeAfter(
  kiln: Kiln,
  container: Container,
  commits: readonly Promise<unknown>[],
  task: Task,
): Promise<void> {
  const settled = await Promise.allSettled(commits);
  await endContainer(kiln, container, task);
  for (const commit of settled) if (commit.status === "rejected") throw commit.reason;
}

function indexChanges(request: IndexRequest, key: Digest): string[] {
  return imageChanges("index", {
    [labels.key]: key,
    [labels.base]: request.base.digest,
    [labels.target]: targetName(request.target),
    [labels.scope]: indexKey({ ...request, releases: [] }),
  });
}

function indexKey({ base, releases, extra, sources = false, foreign = [] }: IndexRequest): Digest {
  const digests = releases.map(({ digest }) => digest);
  const repositories = archiveKey([...base.repositories, ...extra]);
  const more = foreign.length === 0 ? {} : { foreign };
  return keyOf({ base: base.digest, digests, repositories, sources, ...more });
}

async function update(kiln: Kiln, request: IndexRequest, container: Container, task: Task): Promise<void> {
  const types = [request.sources === true ? ("deb-src" as const) : ("deb" as const)];
  const repositories = [...request.base.repositories, ...request.extra].map((each) => ({ ...each, types }));
  await putAptFiles(kiln, container, repositories);
  for (const each of request.foreign ?? []) await addArchitecture(kiln, container, each);
  await updateIndices(kiln, container, task);
  const accepted = await acceptedReleases(kiln, container);
  const moved = request.releases.find(({ digest }) => !accepted.has(digest));
  if (moved === undefined) return;
  throw new Failure("infrastructure", "archive-moving", `${moved.uri} changed while it was read`, {
    hint: "The mirror is being updated: try again in a minute (with --max-age 0).",
  });
}

function specification(kiln: Kiln, target: Target, image: string, network: "none" | "host"): ContainerSpec {
  return {
    image,
    name: containerName(kiln, "resolver"),
    labels: containerLabels(kiln, "resolver"),
    network,
    hostname: "debkiln",
    environment: {},
    volumes: ["/tmp"],
    capabilities,
    limits: {},
    architecture: target.architecture,
  };
}
