import { type Gzip, type ZstdCompress, constants, createGzip, createZstdCompress } from "node:zlib";
import { asError } from "../../base/as-error.ts";
import type { Compression } from "../../oci/open-layer.ts";
import { mediaTypes } from "../../oci/image-spec.ts";

/** How layers are compressed. */
export type LayerCompression = Exclude<Compression, "none">;

export const layerMediaTypes: Readonly<Record<LayerCompression, string>> = {
  gzip: mediaTypes.layerGzip,
  zstd: mediaTypes.layerZstd,
};

/** What compressed bytes depend on beside the tar: algorithm, level and library. */
export function encoderId(compression: LayerCompression): string {
  return compression === "gzip"
    ? `gzip-${gzipLevel}/zlib-${process.versions.zlib}`
    : `zstd-${zstdLevel}/zstd-${process.versions.zstd ?? "none"}`;
}

/**
 * Compresses a tar of known size. Zstd writes one frame, since bootc's composefs backend reads no more than one
 * (bootc#2408). Each chunk is handed over when the one before is done: of writes that queue up before the end, Node makes
 * an empty frame more (nodejs/node#66078).
 */
export async function* compressed(
  tar: AsyncIterable<Uint8Array>,
  sizeBytes: number,
  compression: LayerCompression,
): AsyncGenerator<Uint8Array, void, undefined> {
  const encoder = compression === "gzip" ? gzip() : zstd(sizeBytes);
  const feeding = feed(tar, encoder);
  // It is awaited below; until then its failure is the encoder's.
  feeding.catch((thrown: unknown) => encoder.destroy(asError(thrown)));
  for await (const chunk of encoder) {
    const bytes: Uint8Array = chunk;
    yield bytes;
  }
  await feeding;
}

const gzipLevel = 6;
const zstdLevel = 3;
const chunkSize = 256 * 1024;

function gzip(): Gzip {
  return createGzip({ level: gzipLevel, chunkSize });
}

function zstd(pledgedSrcSize: number): ZstdCompress {
  const params = { [constants.ZSTD_c_compressionLevel]: zstdLevel, [constants.ZSTD_c_checksumFlag]: 1 };
  return createZstdCompress({ params, pledgedSrcSize, chunkSize });
}

async function feed(tar: AsyncIterable<Uint8Array>, encoder: Gzip | ZstdCompress): Promise<void> {
  for await (const chunk of tar) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    encoder.write(chunk, (error) => (error ? reject(error) : resolve()));
    await promise;
  }
  encoder.end();
}
