import type { Readable } from "node:stream";
import { pipeline } from "node:stream";
import { type ZstdDecompress, createGunzip, createZstdDecompress } from "node:zlib";
import { Digester } from "../base/digester.ts";
import { asError } from "../base/as-error.ts";
import type { Digest } from "../base/digest.ts";
import { Failure } from "../base/failure.ts";
import { printableLine } from "../base/printable.ts";
import { type BlobSource, wrongDigest } from "./blob-source.ts";
import { type Descriptor, mediaTypes } from "./image-spec.ts";

/**
 * A layer's tar as it comes out of its blob, which may be compressed by gzip or zstd, of any number of frames. Its digest is
 * compared with the diff id before its end is told.
 * @throws Failure bad-layer (infrastructure), wrong-digest, and what the source raises.
 */
export async function* openLayer(
  source: BlobSource,
  layer: Descriptor,
  diffId: Digest,
): AsyncGenerator<Uint8Array, void, undefined> {
  const decode = decoders[compressionOf(layer)];
  const digester = new Digester();
  yield* digester.through(decode(await source.openBlob(layer), layer));
  if (digester.digest !== diffId)
    throw wrongDigest(`The layer ${diffId}`, { digest: diffId, size: digester.sizeBytes });
}

export type Compression = "none" | "gzip" | "zstd";

/** How a layer's blob is compressed, by its media type, the OCI's or docker's. @throws Failure bad-layer (infrastructure). */
export function compressionOf(layer: Pick<Descriptor, "mediaType" | "digest">): Compression {
  switch (layer.mediaType) {
    case mediaTypes.layer:
    case "application/vnd.docker.image.rootfs.diff.tar":
      return "none";
    case mediaTypes.layerGzip:
    case "application/vnd.docker.image.rootfs.diff.tar.gzip":
      return "gzip";
    case mediaTypes.layerZstd:
      return "zstd";
    default:
      throw badLayer(layer, `of the media type ${layer.mediaType}, which is no layer's`);
  }
}

type Decoder = (blob: Readable, layer: Descriptor) => AsyncIterable<Uint8Array>;

const decoders: Readonly<Record<Compression, Decoder>> = {
  none: (blob) => blob,
  gzip: gunzipped,
  zstd: unzstd,
};

async function* gunzipped(blob: Readable, layer: Descriptor): AsyncGenerator<Uint8Array, void, undefined> {
  const output = createGunzip({ chunkSize });
  // Errors reach the loop below through the output, which pipeline destroys with them.
  pipeline(blob, output, () => undefined);
  try {
    yield* output;
  } catch (thrown) {
    throw undecodable(layer, thrown);
  }
}

/** Node's decoder of zstd stops after a frame; of zstd:chunked layers each file is one. */
async function* unzstd(blob: Readable, layer: Descriptor): AsyncGenerator<Uint8Array, void, undefined> {
  const chunks = blob[Symbol.asyncIterator]();
  try {
    for (let rest: Uint8Array | null = new Uint8Array(); rest !== null;) {
      const decoder = createZstdDecompress({ chunkSize });
      const feeding = feedFrame(decoder, chunks, rest);
      // It is awaited below; until then its failure is the decoder's.
      feeding.catch((thrown: unknown) => decoder.destroy(asError(thrown)));
      yield* decoder;
      rest = await feeding;
    }
  } catch (thrown) {
    throw undecodable(layer, thrown);
  } finally {
    blob.destroy();
  }
}

/** Gives the decoder chunks until its frame ends, then what is left of the last one; null when there are no more. */
async function feedFrame(
  decoder: ZstdDecompress,
  chunks: AsyncIterator<unknown>,
  begin: Uint8Array,
): Promise<Uint8Array | null> {
  let fed = 0;
  for (let chunk: unknown = begin; ;) {
    if (chunk instanceof Uint8Array && chunk.length > 0) {
      fed += chunk.length;
      await written(decoder, chunk);
      const left = fed - decoder.bytesWritten;
      if (left > 0) return chunk.subarray(chunk.length - left);
    }
    const next = await chunks.next();
    if (next.done === true) {
      decoder.end();
      return null;
    }
    chunk = next.value;
  }
}

async function written(decoder: ZstdDecompress, chunk: Uint8Array): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  decoder.write(chunk, (error) => (error ? reject(error) : resolve()));
  await promise;
}

const chunkSize = 256 * 1024;

function undecodable(layer: Descriptor, thrown: unknown): unknown {
  if (!(thrown instanceof Error) || !("code" in thrown) || !/^(?:Z_|ZSTD_|ERR_)/.test(String(thrown.code)))
    return thrown;
  return badLayer(layer, `damaged: ${thrown.message}`, thrown);
}

function badLayer({ digest }: Pick<Descriptor, "digest">, reason: string, cause?: unknown): Failure {
  return new Failure("infrastructure", "bad-layer", `The layer ${digest} is ${printableLine(reason)}`, {
    hint: "Fetch or build the image again.",
    details: { digest },
    ...(cause === undefined ? {} : { cause }),
  });
}
