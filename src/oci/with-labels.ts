import type { Readable } from "node:stream";
import type { BlobSource } from "./blob-source.ts";
import { type Descriptor, mediaTypes } from "./image-spec.ts";
import { MemoryBlobs } from "./memory-blobs.ts";
import type { ReadImage } from "./read-image.ts";

/** An image and where its parts are. */
export interface ImageAt {
  readonly source: BlobSource;
  readonly image: Descriptor;
}

/** The same image with other labels: its layers are those of the source, its configuration and manifest are new. */
export function withLabels(
  source: BlobSource,
  { manifest, config }: ReadImage,
  labels: Readonly<Record<string, string>>,
): ImageAt {
  const own = new MemoryBlobs();
  const relabelled = { ...config, config: { ...config.config, Labels: labels } };
  const described = own.add(mediaTypes.config, JSON.stringify(relabelled));
  const image = own.add(
    mediaTypes.manifest,
    JSON.stringify({ ...manifest, mediaType: mediaTypes.manifest, config: described }),
  );
  return { source: new Beside(own, new Set([described.digest, image.digest]), source), image };
}

/** Some blobs from one source, all others from another. */
class Beside implements BlobSource {
  readonly #own: BlobSource;
  readonly #digests: ReadonlySet<string>;
  readonly #rest: BlobSource;

  constructor(own: BlobSource, digests: ReadonlySet<string>, rest: BlobSource) {
    this.#own = own;
    this.#digests = digests;
    this.#rest = rest;
  }

  openBlob(blob: Descriptor, from?: number): Promise<Readable> {
    return this.#sourceOf(blob).openBlob(blob, from);
  }

  readManifest(manifest: Descriptor): Promise<Uint8Array> {
    return this.#sourceOf(manifest).readManifest(manifest);
  }

  #sourceOf({ digest }: Descriptor): BlobSource {
    return this.#digests.has(digest) ? this.#own : this.#rest;
  }
}
