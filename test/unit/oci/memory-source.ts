import { Readable } from "node:stream";
import { digestOf } from "../../../src/base/digest.ts";
import { type BlobSource, blobMissing } from "../../../src/oci/blob-source.ts";

/** A source of blobs that are in memory; each piece of what it gives is `pieceLength` long. */
export function sourceOf(blobs: readonly Uint8Array[], pieceLength = 1000): BlobSource {
  const byDigest = new Map(blobs.map((blob) => [digestOf(blob), blob]));
  return {
    openBlob: async (descriptor, from = 0) => {
      const blob = byDigest.get(descriptor.digest);
      if (blob === undefined) throw blobMissing("memory", descriptor);
      return Readable.from(pieces(blob.subarray(from), pieceLength), { objectMode: false });
    },
    readManifest: async (descriptor) => {
      const blob = byDigest.get(descriptor.digest);
      if (blob === undefined) throw blobMissing("memory", descriptor);
      return blob;
    },
  };
}

function* pieces(bytes: Uint8Array, length: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}
