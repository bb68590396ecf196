import { createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { Failure } from "../base/failure.ts";
import { orAborted } from "../base/or-aborted.ts";
import { nullIfMissing } from "../base/system-error.ts";
import type { Engine } from "../engine/engine.ts";
import type { BlobSource } from "../oci/blob-source.ts";
import type { Descriptor, Platform } from "../oci/image-spec.ts";
import { imageOf } from "../oci/layout-image.ts";
import { openLayout } from "../oci/layout.ts";
import { badArchive, indexFile, openArchive } from "../oci/read-archive.ts";
import { type ReadImage, readImage } from "../oci/read-image.ts";
import type { Reference } from "../oci/reference.ts";
import type { RegistryAccess } from "../oci/registry/connection.ts";
import { Repository } from "../oci/registry/repository.ts";
import type { IndexedMember } from "../oci/tar-index.ts";
import { diskFailure } from "../store/disk.ts";
import { type Place, parseLayoutPlace, parsePlace } from "./place.ts";
import { findImage } from "./find-image.ts";

/** An image and where its parts are. */
export interface SourcedImage {
  readonly image: ReadImage;
  readonly source: BlobSource;
}

/** What opening needs of its caller. */
export interface ImageOpeners {
  /** A directory of the caller's, for what an engine hands out. */
  readonly scratch: string;
  /** Of several architectures the one that is wanted. */
  readonly platform: Pick<Platform, "architecture"> | null;
  readonly connect: () => Promise<Engine>;
  readonly registry: () => Promise<RegistryAccess>;
  readonly signal: AbortSignal;
}

/**
 * Opens an image by its place: an OCI layout, as a directory or `DIRECTORY:NAME`; an archive of images; or an image of an
 * engine or registry, named as `debkiln image push` names them. A bare reference is an image of the engine, if it has one of
 * that name, else of a registry; `localhost/NAME` is how podman calls images of the engine alone. No layer is unpacked.
 * @throws Failure subject-missing, bad-place, bad-archive, bad-layout, no-such-image, no-such-platform (usage), and what
 * engines, registries and disks raise.
 */
export async function openImage(text: string, openers: ImageOpeners): Promise<SourcedImage> {
  const status = await stat(text).catch(nullIfMissing);
  if (status?.isDirectory() === true) return await openLayoutImage(text, null, openers);
  if (status?.isFile() === true) return await openFile(text, null, openers);
  const archive = /^(?:oci-archive|docker-archive):/.exec(text)?.[0];
  if (archive !== undefined) {
    const { directory, name } = parseLayoutPlace(text.slice(archive.length));
    return await openFile(directory, name, openers);
  }
  if (/^[./~]/.test(text) && !text.includes(":")) throw notThere(text);
  const engines = /^(?:(?:containers-storage|docker-daemon):(.+)|localhost\/.+)$/s.exec(text);
  if (engines !== null) return await openEngineImage(engines[1] ?? text, openers);
  const place = await placeOf(text);
  if (place.kind === "layout") return await openLayoutImage(place.directory, place.name, openers);
  if (!text.startsWith("docker:") && (await hasEngineImage(text, openers)))
    return await openEngineImage(text, openers);
  return await openRegistryImage(place.reference, openers);
}

/** The image in a tar file, or null when it is no archive of images. @throws Failure bad-archive, no-such-image (usage). */
export async function openArchiveImage(
  file: string,
  name: string | null,
  members: readonly IndexedMember[],
  { platform }: Pick<ImageOpeners, "platform">,
): Promise<SourcedImage | null> {
  const source = await openArchive(file, members);
  if (source === null) return null;
  return await sourced(source, await imageOf(source, name), platform);
}

/** The failure of naming what is not there. */
export function notThere(text: string): Failure {
  return new Failure("usage", "subject-missing", `There is no ${text}`, {
    hint: "Name a directory with a root filesystem, an OCI layout, an archive of images or an image's reference.",
  });
}

type NamedPlace = Extract<Place, { readonly kind: "layout" | "registry" }>;

/** `DIRECTORY:NAME` is an image of the layout there; what else has no transport is a reference. */
async function placeOf(text: string): Promise<NamedPlace> {
  const directory = /^([^:]+):.+$/s.exec(text)?.[1];
  const isLayout =
    directory !== undefined &&
    (await stat(join(directory, "oci-layout")).catch(nullIfMissing))?.isFile() === true;
  const place = isLayout ? parseLayoutPlace(text) : parsePlace(text);
  // Archives and engines have been told apart before.
  return place.kind === "layout" || place.kind === "registry" ? place : parseLayoutPlace(text);
}

async function openLayoutImage(
  directory: string,
  name: string | null,
  { platform }: ImageOpeners,
): Promise<SourcedImage> {
  const layout = await openLayout(directory);
  return await sourced(layout, await imageOf(layout, name), platform);
}

async function openFile(file: string, name: string | null, openers: ImageOpeners): Promise<SourcedImage> {
  if ((await stat(file).catch(nullIfMissing)) === null) throw notThere(file);
  const opened = await openArchiveImage(file, name, await indexFile(file, openers.signal), openers);
  if (opened === null) throw badArchive(file, "it has neither an OCI layout nor docker's manifest.json");
  return opened;
}

async function openRegistryImage(
  reference: Reference,
  { registry, platform }: ImageOpeners,
): Promise<SourcedImage> {
  const repository = new Repository(reference, { access: await registry(), rights: "pull" });
  const { descriptor } = await findImage(repository, reference);
  return await sourced(repository, descriptor, platform);
}

async function hasEngineImage(name: string, { connect }: ImageOpeners): Promise<boolean> {
  try {
    await using engine = await connect();
    return (await engine.image(name)) !== null;
  } catch (thrown) {
    // Without an engine the reference is a registry's.
    if (thrown instanceof Failure && thrown.fault === "infrastructure") return false;
    throw thrown;
  }
}

async function openEngineImage(name: string, openers: ImageOpeners): Promise<SourcedImage> {
  const file = join(openers.scratch, `saved-${encodeURIComponent(name)}.tar`);
  await using engine = await openers.connect();
  // docker begins to answer when it has written the archive for itself, which may take longer than a signal waits.
  const saved = await orAborted(engine.save(name), openers.signal, (late) => late.destroy());
  try {
    await pipeline(saved, createWriteStream(file, { flags: "wx" }), { signal: openers.signal });
  } catch (thrown) {
    throw diskFailure(thrown, openers.scratch);
  }
  return await openFile(file, null, openers);
}

async function sourced(
  source: BlobSource,
  descriptor: Descriptor,
  platform: ImageOpeners["platform"],
): Promise<SourcedImage> {
  return { source, image: await readImage(source, descriptor, platform) };
}
