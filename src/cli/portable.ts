import { rm } from "node:fs/promises";
import { Failure } from "../base/failure.ts";
import type { Image } from "../engine/engine.ts";
import { keptImages } from "../environment/images.ts";
import type { Kiln } from "../environment/kiln.ts";
import { type Lock, environmentKey } from "../environment/lock.ts";
import { findNamed, recallNamedLock } from "../environment/named/find.ts";
import { formatName, parseEnvironmentName } from "../environment/named/name.ts";
import {
  carriedLock,
  exportHint,
  exportedLabels,
  importedLabels,
  requireExportable,
  verifyImported,
} from "../environment/named/portable.ts";
import { handChanges } from "../environment/named/record.ts";
import { imageReference } from "../environment/names.ts";
import { selectImages } from "../environment/remove-images.ts";
import { recallLock } from "../environment/resolve.ts";
import { isVerified } from "../environment/verify.ts";
import { type ImageOpeners, openImage } from "../image/open-image.ts";
import { parsePlace } from "../image/place.ts";
import { pushImage } from "../image/push.ts";
import { loadImage, saveImage } from "../image/save.ts";
import { compressLayers } from "../oci/compress-layers.ts";
import { parseReference } from "../oci/reference.ts";
import { withLabels } from "../oci/with-labels.ts";
import { withKiln } from "./kiln.ts";
import { registryAccess, type RegistryFlags } from "./registry-access.ts";
import type { Session } from "./session.ts";

/** An environment from elsewhere, in the engine and verified. */
export interface Imported {
  readonly image: Image;
  readonly lock: Lock;
  /** Where from, by digest. */
  readonly origin: string;
}

/**
 * Writes an environment with its lock to an archive, a layout or a registry.
 * @throws Failure environment-altered (infrastructure) when dpkg does not say what the lock says, environment-without-lock (usage).
 */
export async function exportEnvironment(
  session: Session,
  { word, destination }: { readonly word: string; readonly destination: string },
  flags: RegistryFlags,
): Promise<void> {
  const { task, signal } = session;
  const place = parsePlace(destination);
  if (place.kind === "engine") throw notToEngine();
  await withKiln(session, async (kiln) => {
    await using scratch = await scratchDirectory(kiln);
    const { reference, lock, labels, byHand } = await exported(kiln, word);
    if (byHand.length > 0) warnOfHand(session, byHand);
    const openers = openersOf(session, scratch.path, flags, null);
    const opened = await task.step("save", "Take it out of the engine", () =>
      openImage(`containers-storage:${reference}`, openers),
    );
    const packed = await task.step("compress", "Compress its layers", () =>
      compressLayers(opened.source, opened.image, scratch.path, signal),
    );
    const { source, image } = withLabels(packed.source, packed.image, exportedLabels(labels, lock));
    if (place.kind === "registry") {
      const access = await registryAccess(session, flags);
      const pushed = await pushImage(
        { source, image, to: place.reference, moved: "overwrite" },
        access,
        task,
      );
      return session.result(`${pushed.reference}\n`, { ...pushed, byHand });
    }
    await saveImage({ source, image }, place, task, signal);
    session.result(`${destination}\n${image.digest}\n`, { destination, digest: image.digest, byHand });
  });
}

/**
 * Brings an environment here that `exportEnvironment` wrote: what it says of itself counts for nothing but its lock, and that
 * only when dpkg says the same. @throws Failure environment-without-lock (usage), environment-altered (infrastructure).
 */
export async function importEnvironment(
  kiln: Kiln,
  session: Session,
  from: string,
  flags: RegistryFlags,
): Promise<Imported> {
  const { task, signal } = session;
  await using scratch = await scratchDirectory(kiln);
  const { source, image } = await openImage(from, openersOf(session, scratch.path, flags, kiln));
  const lock = carriedLock(image.config);
  const { digest } = image.descriptor;
  const reference = imageReference("imported", digest);
  const origin = originOf(from, digest);
  const verify = (loaded: Image) =>
    task.step("verify", "Compare its packages with its lock", () =>
      verifyImported(kiln, loaded, reference, lock),
    );
  const present = await kiln.engine.image(reference);
  if (present !== null) {
    // Whoever brought it may have been killed, or be at it still.
    if (!(await isVerified(kiln, present, environmentKey(lock)))) await verify(present);
    return { image: present, lock, origin };
  }
  const relabelled = withLabels(source, image, await importedLabels(kiln, lock));
  await loadImage(relabelled, parseReference(reference), kiln.engine, task, signal);
  const loaded = await kiln.engine.image(reference);
  if (loaded === null) throw gone(from);
  await verify(loaded);
  return { image: loaded, lock, origin };
}

/** An environment by its name, or one of the cache by its key. */
async function exported(kiln: Kiln, word: string) {
  // What looks like a key may be a name as well.
  const named = await findNamed(kiln, parseEnvironmentName(word));
  if (named?.record.altered === true) throw altered(formatName(named.at));
  const [kept] = named === null ? selectImages({ keys: [word] }, await keptImages(kiln)) : [];
  const reference = named?.image.id ?? kept?.reference ?? "";
  const image = named?.image ?? (await kiln.engine.image(reference));
  const digest = kept?.lock ?? null;
  const lock =
    named !== null
      ? await recallNamedLock(kiln, named)
      : digest === null
        ? null
        : await recallLock(kiln, digest);
  if (image === null || lock === null) throw noLock(word);
  await requireExportable(kiln, image, lock);
  const byHand = named === null ? [] : handChanges(named.record);
  return { reference: image.references[0] ?? image.id, lock, labels: image.labels, byHand };
}

function warnOfHand({ task }: Session, byHand: readonly string[]): void {
  const last = byHand.slice(-3).map((each) => (each.length > 80 ? `${each.slice(0, 77)}...` : each));
  const more = byHand.length > 3 ? ` and ${byHand.length - 3} before` : "";
  task.warn(
    `It has what was done in it by hand too, which no lock tells: ${last.join("; ")}${more}`,
    "Whoever uses it gets its packages as the lock says, and these changes.",
  );
}

function openersOf(session: Session, scratch: string, flags: RegistryFlags, kiln: Kiln | null): ImageOpeners {
  return {
    scratch,
    platform: null,
    connect: session.connect,
    registry: () => registryAccess(session, flags),
    signal: kiln?.signal ?? session.signal,
  };
}

async function scratchDirectory({ store }: Kiln): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await store.temporaryDirectory();
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

function originOf(from: string, digest: string): string {
  return from.includes(digest) ? from : `${from} (${digest})`;
}

function notToEngine(): Failure {
  return new Failure("usage", "bad-place", "An environment is in an engine already", {
    hint: "Write oci-archive:FILE, docker-archive:FILE:NAME, oci:DIRECTORY or a registry's reference.",
  });
}

function altered(name: string): Failure {
  return new Failure(
    "infrastructure",
    "environment-altered",
    `${name} was changed by hand and has no lock to go with it`,
    { hint: exportHint },
  );
}

function noLock(word: string): Failure {
  return new Failure("usage", "environment-without-lock", `${word} has no lock in this cache`, {
    hint: "Bases, indices and failed builds have none. `debkiln env list` shows what there is.",
  });
}

function gone(from: string): Failure {
  return new Failure("infrastructure", "image-missing", `${from} was removed from the engine meanwhile`, {
    hint: "Try again.",
  });
}
