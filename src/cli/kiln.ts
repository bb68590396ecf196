import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Task } from "../base/event.ts";
import { asFailure, Failure } from "../base/failure.ts";
import { Background, type Kiln } from "../environment/kiln.ts";
import { proxiesOf } from "../environment/proxies.ts";
import { reapLeftovers, removeOwn } from "../environment/reap.ts";
import type { RegistryCache } from "../image/registry-cache.ts";
import { downloader } from "../store/download.ts";
import { Store } from "../store/store.ts";
import type { Session } from "./session.ts";
import { sharesEnvironments } from "./shares-environments.ts";

/**
 * Runs some work with an engine and the store. Leftovers of crashed runs are removed beside it; at the end, background work
 * is awaited and no container of this run is left.
 * @throws Failure ca-bundle-missing (usage), and what connecting to the engine and the work raise.
 */
export async function withKiln<T>(session: Session, work: (kiln: Kiln) => Promise<T>): Promise<T> {
  const { settings, signal, environment, task } = session;
  if (settings.ca_bundle !== undefined) await requireReadable(resolve(settings.ca_bundle));
  await using engine = await session.connect();
  const network = {
    proxies: proxiesOf({
      environment,
      ...(settings.proxy === undefined ? {} : { proxy: settings.proxy }),
    }),
    ...(settings.ca_bundle === undefined ? {} : { caBundle: resolve(settings.ca_bundle) }),
  };
  const store = new Store(cacheDirectory(session));
  const remote = sharesEnvironments(settings) ? await openCache(session, store) : null;
  const kiln: Kiln = {
    engine,
    store,
    ...(remote === null ? {} : { remote }),
    download: downloader(network),
    network,
    runtime: settings.runtime,
    freshness: { maxAgeMs: settings.max_age, frozen: settings.frozen },
    run: randomBytes(6).toString("hex"),
    signal,
    background: new Background(),
  };
  kiln.background.add(reapLeftovers(kiln), (thrown) =>
    task.warn(`Leftovers of earlier runs could not be removed: ${asFailure(thrown).message}`),
  );
  try {
    return await sharing(kiln, remote, task, work);
  } finally {
    if (signal.aborted) await removeOwn(kiln);
    await kiln.background.settled();
  }
}

/** Loaded only now: most commands share nothing. */
async function openCache(session: Session, store: Store): Promise<RegistryCache> {
  const { environmentCache } = await import("./environment-cache.ts");
  return await environmentCache(session, store);
}

/** Does the work; what it made is shared even if a build failed, but for a command that was stopped. */
async function sharing<T>(
  kiln: Kiln,
  remote: RegistryCache | null,
  task: Task,
  work: (kiln: Kiln) => Promise<T>,
): Promise<T> {
  if (remote === null) return await work(kiln);
  try {
    return await work(kiln);
  } finally {
    await kiln.background.settled();
    if (!kiln.signal.aborted) await remote.pushContributions(task);
  }
}

async function requireReadable(bundle: string): Promise<void> {
  await readFile(bundle).catch((cause: unknown) => {
    throw new Failure("usage", "ca-bundle-missing", `Cannot read the certificate authorities in ${bundle}`, {
      hint: "Name a PEM file that you may read with ca_bundle (--ca-bundle).",
      cause,
    });
  });
}

/** Where downloads, locks and memos are: the XDG cache directory unless the settings name another. */
export function cacheDirectory({ settings, environment }: Pick<Session, "settings" | "environment">): string {
  if (settings.cache_dir !== undefined) return resolve(settings.cache_dir);
  return join(environment["XDG_CACHE_HOME"] || join(environment["HOME"] ?? "/", ".cache"), "debkiln");
}
