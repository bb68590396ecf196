import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { type BlobSource, blobMissing } from "../../oci/blob-source.ts";
import type { Descriptor } from "../../oci/image-spec.ts";
import type { Store } from "../../store/store.ts";

/** What the store has of images, and of what it has not the other source's. */
export function storedSource(store: Store, other: BlobSource | null): BlobSource {
  const has = async (blob: Descriptor) => await store.hasBlob(blob.digest, blob.size);
  return {
    openBlob: async (blob, from = 0): Promise<Readable> => {
      if (await has(blob)) return createReadStream(store.blobPath(blob.digest), { start: from });
      if (other === null) throw blobMissing(store.directory, blob);
      return await other.openBlob(blob, from);
    },
    readManifest: async (manifest) => {
      const bytes = await store.findBytes(manifest.digest);
      if (bytes !== null) return bytes;
      if (other === null) throw blobMissing(store.directory, manifest);
      return await other.readManifest(manifest);
    },
  };
}
