import { createWriteStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Task } from "../../base/event.ts";
import { Failure } from "../../base/failure.ts";
import { nullIfMissing } from "../../base/system-error.ts";
import type { Engine } from "../../engine/engine.ts";
import type { BlobSource } from "../../oci/blob-source.ts";
import type { Descriptor, ImageConfig, Platform } from "../../oci/image-spec.ts";
import { imageOf } from "../../oci/layout-image.ts";
import { openLayout } from "../../oci/layout.ts";
import { indexFile, openArchive } from "../../oci/read-archive.ts";
import { readImage } from "../../oci/read-image.ts";
import type { Reference } from "../../oci/reference.ts";
import type { RegistryAccess } from "../../oci/registry/connection.ts";
import { Repository } from "../../oci/registry/repository.ts";
import { diskFailure } from "../../store/disk.ts";
import { type Place, parseLayoutPlace, parsePlace } from "../place.ts";
import { findDescriptor } from "../pull.ts";
import { readDirectory } from "../tree/read-directory.ts";
import { treeOfImage } from "../tree/read-layers.ts";
import { treeOfMembers } from "../tree/read-tar.ts";
import type { Tree } from "../tree/tree.ts";

/** A root filesystem with what is known of its image. */
export interface Opened {
  readonly kind: "directory" | "tar" | "image";
  readonly tree: Tree;
  /** Null for a bare root filesystem. */
  readonly config: ImageConfig | null;
  readonly hasXattrs: boolean;
  /** Where the image's parts are; null for a bare root filesystem. */
  readonly image: { readonly source: BlobSource; readonly descriptor: Descriptor } | null;
}

/** What opening needs of its caller. */
export interface Openers {
  /** A directory of the caller's, for layers and archives; the tree's contents are there afterwards. */
  readonly scratch: string;
  /** Of several architectures the one that is wanted. */
  readonly platform: Pick<Platform, "architecture"> | null;
  readonly connect: () => Promise<Engine>;
  readonly registry: () => Promise<RegistryAccess>;
  readonly task: Task;
  readonly signal: AbortSignal;
}

/**
 * Opens what is to be examined: a directory or tar with a root filesystem, an OCI layout, an archive of images, or an image
 * of an engine or registry, named as `debkiln image push` names them. A bare reference is an image of the engine, if it has
 * one of that name, else of a registry.
 * @throws Failure subject-missing, bad-place, bad-archive, no-such-image, no-such-platform, directory-unreadable (usage), and
 * what engines, registries and disks raise.
 */
export async function openSubject(text: string, openers: Openers): Promise<Opened> {
  const { task } = openers;
  return await task.step("read", `Read ${text}`, async (step) => {
    const opened = await openAny(text, { ...openers, task: step });
    step.summary = `${opened.tree.size} files`;
    return opened;
  });
}

async function openAny(text: string, openers: Openers): Promise<Opened> {
  const status = await stat(text).catch(nullIfMissing);
  if (status?.isDirectory() === true) {
    if ((await readdir(text)).includes("oci-layout")) return await openLayoutImage(text, null, openers);
    const { tree, hasXattrs } = await readDirectory(text, openers.task, openers.signal);
    return { kind: "directory", tree, config: null, hasXattrs, image: null };
  }
  if (status?.isFile() === true) return await openFile(text, null, openers);
  if (/^(?:oci-archive|docker-archive):/.test(text)) {
    const { directory, name } = parseLayoutPlace(text.slice(text.indexOf(":") + 1));
    return await openFile(directory, name, openers);
  }
  if (/^[./~]/.test(text) && !text.includes(":")) throw notThere(text);
  const engines = /^(?:containers-storage|docker-daemon):(.+)$/s.exec(text)?.[1];
  if (engines !== undefined) return await openEngineImage(engines, openers);
  const place = await placeOf(text);
  if (place.kind === "layout") return await openLayoutImage(place.directory, place.name, openers);
  if (!text.startsWith("docker:") && (await hasEngineImage(text, openers)))
    return await openEngineImage(text, openers);
  return await openRegistryImage(place.reference, openers);
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

async function openLayoutImage(directory: string, name: string | null, openers: Openers): Promise<Opened> {
  const layout = await openLayout(directory);
  return await openImage(layout, await imageOf(layout, name), openers);
}

async function openFile(file: string, name: string | null, openers: Openers): Promise<Opened> {
  if ((await stat(file).catch(nullIfMissing)) === null) throw notThere(file);
  const members = await indexFile(file, openers.signal);
  const archive = await openArchive(file, members);
  if (archive !== null) return await openImage(archive, await imageOf(archive, name), openers);
  const tree = treeOfMembers(members, file);
  return { kind: "tar", tree, config: null, hasXattrs: true, image: null };
}

async function openRegistryImage(reference: Reference, openers: Openers): Promise<Opened> {
  const repository = new Repository(reference, { access: await openers.registry(), rights: "pull" });
  return await openImage(repository, await findDescriptor(repository, reference), openers);
}

async function hasEngineImage(name: string, { connect }: Openers): Promise<boolean> {
  try {
    await using engine = await connect();
    return (await engine.image(name)) !== null;
  } catch (thrown) {
    // Without an engine the reference is a registry's.
    if (thrown instanceof Failure && thrown.fault === "infrastructure") return false;
    throw thrown;
  }
}

async function openEngineImage(name: string, openers: Openers): Promise<Opened> {
  const file = join(openers.scratch, "saved.tar");
  await using engine = await openers.connect();
  const saved = await engine.save(name);
  try {
    await pipeline(saved, createWriteStream(file, { flags: "wx" }), { signal: openers.signal });
  } catch (thrown) {
    throw diskFailure(thrown, openers.scratch);
  }
  return await openFile(file, null, openers);
}

async function openImage(source: BlobSource, descriptor: Descriptor, openers: Openers): Promise<Opened> {
  const image = await readImage(source, descriptor, openers.platform);
  const tree = await treeOfImage(source, image, openers.scratch, openers.signal);
  return {
    kind: "image",
    tree,
    config: image.config,
    hasXattrs: true,
    image: { source, descriptor: image.descriptor },
  };
}

function notThere(text: string): Failure {
  return new Failure("usage", "subject-missing", `There is no ${text}`, {
    hint: "Name a directory with a root filesystem, an OCI layout, an archive of images or an image's reference.",
  });
}
