import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import type { Digest } from "../base/digest.ts";
import type { BlobSource } from "./blob-source.ts";
import { type Descriptor, mediaTypes } from "./image-spec.ts";
import { MemoryBlobs } from "./memory-blobs.ts";
import type { ReadImage } from "./read-image.ts";

/** The same image with its layers in another form: those in `files`, by digest, are read from there, all else where it was. */
export function withLayers(
  source: BlobSource,
  image: ReadImage,
  layers: readonly Descriptor[],
  files: ReadonlyMap<Digest, string>,
): { readonly source: BlobSource; readonly image: ReadImage } {
  const own = new MemoryBlobs();
  const manifest = { ...image.manifest, mediaType: mediaTypes.manifest, layers: [...layers] };
  const descriptor = own.add(mediaTypes.manifest, JSON.stringify(manifest));
  const openBlob = async (blob: Descriptor, from = 0): Promise<Readable> => {
    const file = files.get(blob.digest);
    return file === undefined ? await source.openBlob(blob, from) : createReadStream(file, { start: from });
  };
  const readManifest = async (wanted: Descriptor) =>
    wanted.digest === descriptor.digest ? await own.readManifest(wanted) : await source.readManifest(wanted);
  return { source: { openBlob, readManifest }, image: { ...image, descriptor, manifest } };
}
