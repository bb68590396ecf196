import { randomBytes } from "node:crypto";
import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { addAbortSignal, type Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Task, throwIfAborted } from "../base/event.ts";
import { Failure } from "../base/failure.ts";
import { architecture as debianArchitecture } from "../debian/architecture.ts";
import type { Engine } from "../engine/engine.ts";
import type { BlobSource } from "../oci/blob-source.ts";
import { copyImage } from "../oci/copy-image.ts";
import { packDockerArchive } from "../oci/docker-archive.ts";
import { readGraph } from "../oci/image-graph.ts";
import type { Descriptor } from "../oci/image-spec.ts";
import { isIndexType } from "../oci/manifest.ts";
import { packOciArchive } from "../oci/oci-archive.ts";
import { readImage } from "../oci/read-image.ts";
import { formatReference, type Reference } from "../oci/reference.ts";
import { diskFailure } from "../store/disk.ts";
import { writeLayout } from "../store/write-layout.ts";
import type { Place } from "./place.ts";
import { pruneLayout } from "./prune-layout.ts";

/** An image to be written somewhere. */
export interface Saved {
  readonly source: BlobSource;
  readonly image: Descriptor;
}

type FilePlace = Exclude<Place, { readonly kind: "registry" | "engine" }>;

/**
 * Writes an image to a layout or an archive on this machine. An archive appears when it is whole; from a layout goes what
 * only the image had whose place this one takes.
 * @throws Failure bad-layout, no-such-platform (usage), blob-missing, wrong-digest, disk-full (infrastructure).
 */
export async function saveImage(
  saved: Saved,
  place: FilePlace,
  task: Task,
  signal: AbortSignal,
): Promise<void> {
  const { source, image } = saved;
  switch (place.kind) {
    case "layout":
      return await task.step("save", `Write ${place.directory}`, async (step) => {
        const waiting = () => step.note("waiting for another process that writes to it");
        await writeLayout(place.directory, { signal, waiting }, async (layout) => {
          await copyImage(source, layout, await readGraph(source, image), step, signal);
          await pruneLayout(layout, await layout.putReference(place.name, image));
        });
      });
    case "oci-archive": {
      const archive = async () => await packOciArchive(source, image, place.name);
      return await task.step("save", `Write ${place.file}`, () => writeArchive(archive, place.file, signal));
    }
    case "docker-archive": {
      const name = formatReference(place.reference);
      const archive = async () => await packDockerArchive(source, image, name);
      return await task.step("save", `Write ${place.file}`, () => writeArchive(archive, place.file, signal));
    }
  }
}

/**
 * Puts an image into the storage of podman or docker, of an index the one for the engine's own architecture.
 * @throws Failure image-load-failed (infrastructure), no-such-platform (usage).
 */
export async function loadImage(
  { source, image }: Saved,
  reference: Reference,
  engine: Engine,
  task: Task,
  signal: AbortSignal,
): Promise<void> {
  const name = formatReference(reference);
  await task.step("load", `Load ${name}`, async (step) => {
    const about = await engine.about();
    const platform = isIndexType(image.mediaType) ? debianArchitecture(about.architecture).oci : null;
    const { descriptor } = await readImage(source, image, platform);
    const archive =
      about.kind === "podman"
        ? await packOciArchive(source, descriptor, name)
        : await packDockerArchive(source, descriptor, name);
    await engine.load(addAbortSignal(signal, archive));
    throwIfAborted(signal);
    if ((await engine.image(name)) === null) throw notLoaded(name);
    step.summary = `${about.kind} has it`;
  });
}

async function writeArchive(pack: () => Promise<Readable>, file: string, signal: AbortSignal): Promise<void> {
  const partial = join(dirname(file), `.partial-${basename(file)}-${randomBytes(6).toString("hex")}`);
  try {
    await pipeline(await pack(), createWriteStream(partial, { flags: "wx" }), { signal });
    await rename(partial, file);
  } catch (thrown) {
    await rm(partial, { force: true });
    throwIfAborted(signal);
    throw diskFailure(thrown, dirname(file));
  }
}

function notLoaded(name: string): Failure {
  return new Failure(
    "infrastructure",
    "image-load-failed",
    `The engine took ${name} in, but does not have it`,
    {
      hint: "See what it says of it: podman images, docker images.",
    },
  );
}
