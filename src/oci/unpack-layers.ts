import { createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Digest } from "../base/digest.ts";
import type { BlobSource } from "./blob-source.ts";
import { type Descriptor, mediaTypes } from "./image-spec.ts";
import { openLayer } from "./open-layer.ts";
import type { ReadImage } from "./read-image.ts";
import { withLayers } from "./with-layers.ts";

/**
 * The same image with its layers as the tars that they are, in a directory of the caller's: each is fetched once and compared with its
 * diff id, by which an engine knows the layers that it has. podman keeps layers as they were loaded, and cannot save those of zstd.
 * @throws Failure bad-layer, wrong-digest (infrastructure), and what the source raises.
 */
export async function unpackLayers(
  source: BlobSource,
  image: ReadImage,
  scratch: string,
  signal: AbortSignal,
): Promise<{ readonly source: BlobSource; readonly image: ReadImage }> {
  const files = new Map<Digest, string>();
  const layers: Descriptor[] = [];
  for (const [at, digest] of image.config.rootfs.diff_ids.entries()) {
    const layer = image.manifest.layers[at];
    // readImage has compared their numbers.
    if (layer === undefined) throw new RangeError(`no layer ${at}`);
    const file = join(scratch, `layer-${at}.tar`);
    const tar = Readable.from(openLayer(source, layer, digest), { objectMode: false });
    await pipeline(tar, createWriteStream(file, { flags: "wx" }), { signal });
    files.set(digest, file);
    layers.push({ mediaType: mediaTypes.layer, digest, size: (await stat(file)).size });
  }
  return withLayers(source, image, layers, files);
}
