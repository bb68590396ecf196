import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { constants, createZstdCompress } from "node:zlib";
import { Digester } from "../base/digester.ts";
import type { Digest } from "../base/digest.ts";
import type { BlobSource } from "./blob-source.ts";
import { type Descriptor, mediaTypes } from "./image-spec.ts";
import { compressionOf, openLayer } from "./open-layer.ts";
import type { ReadImage } from "./read-image.ts";
import { withLayers } from "./with-layers.ts";

/**
 * The same image with its layers compressed by zstd, those that are not compressed yet; the compressed ones lie in a directory
 * of the caller's. The bytes depend on nothing but the layers and the zstd of this node. Of `known` layers, by diff id, it is known what
 * they are where the image goes: these need not be in the source.
 */
export async function compressLayers(
  source: BlobSource,
  image: ReadImage,
  scratch: string,
  signal: AbortSignal,
  known: ReadonlyMap<Digest, Descriptor> = new Map(),
): Promise<{ readonly source: BlobSource; readonly image: ReadImage }> {
  const files = new Map<Digest, string>();
  const layers: Descriptor[] = [];
  for (const [at, layer] of image.manifest.layers.entries()) {
    const diffId = image.config.rootfs.diff_ids[at];
    const there = diffId === undefined ? undefined : known.get(diffId);
    if (there !== undefined) layers.push(there);
    else if (compressionOf(layer) !== "none" || diffId === undefined) layers.push(layer);
    else {
      const made = await compressLayer(source, layer, diffId, join(scratch, `layer-${at}.zst`), signal);
      files.set(made.descriptor.digest, made.file);
      layers.push(made.descriptor);
    }
  }
  return withLayers(source, image, layers, files);
}

async function compressLayer(
  source: BlobSource,
  layer: Descriptor,
  diffId: Digest,
  file: string,
  signal: AbortSignal,
): Promise<{ readonly descriptor: Descriptor; readonly file: string }> {
  const digester = new Digester();
  const encode = createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 3 } });
  const counted = (chunks: AsyncIterable<Buffer>) => digester.through(chunks);
  const tar = Readable.from(openLayer(source, layer, diffId), { objectMode: false });
  await pipeline(tar, encode, counted, createWriteStream(file, { flags: "wx" }), { signal });
  const { digest, sizeBytes: size } = digester;
  return { descriptor: { mediaType: mediaTypes.layerZstd, digest, size }, file };
}
