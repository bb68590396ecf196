import { z } from "zod";
import type { Digest } from "../../base/digest.ts";
import type { BlobSource } from "../../oci/blob-source.ts";
import { Descriptor, ImageManifest } from "../../oci/image-spec.ts";
import { type ReadImage, readImage } from "../../oci/read-image.ts";
import type { Store } from "../../store/store.ts";
import { storedSource } from "../layers/stored-source.ts";

const Known = z.strictObject({ descriptor: Descriptor });

/** The image that was built under a key, if the store still has all of it. */
export async function recallImage(
  store: Store,
  key: Digest,
): Promise<{ readonly image: ReadImage; readonly source: BlobSource } | null> {
  const known = await store.recall("image", key, Known);
  if (known === null) return null;
  const { descriptor } = known;
  if (!(await store.hasBlob(descriptor.digest, descriptor.size))) return null;
  const source = storedSource(store, null);
  const manifest = ImageManifest.parse(
    JSON.parse((await store.readBytes(descriptor.digest)).toString("utf8")),
  );
  const parts = [manifest.config, ...manifest.layers];
  const present = await Promise.all(parts.map(({ digest, size }) => store.hasBlob(digest, size)));
  if (!present.every(Boolean)) return null;
  await Promise.all(parts.map(({ digest }) => store.touchBlob(digest)));
  return { image: await readImage(source, descriptor), source };
}

/** Remembers an image whose parts are in the store. */
export async function rememberImage(store: Store, key: Digest, descriptor: Descriptor): Promise<void> {
  await store.remember("image", key, { descriptor });
}
