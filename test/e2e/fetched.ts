import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Digest, hexOf } from "../../src/base/digest.ts";
import { ImageIndex, ImageManifest, mediaTypes } from "../../src/oci/image-spec.ts";

/** Of the layer in which a base's root filesystem is in what `debkiln fetch` made. */
export async function digestOfBase(fetched: string): Promise<Digest | undefined> {
  const read = async (path: string): Promise<unknown> =>
    JSON.parse(await readFile(join(fetched, path), "utf8"));
  const [entry] = ImageIndex.parse(await read("index.json")).manifests;
  const { layers } = ImageManifest.parse(await read(`blobs/sha256/${hexOf(entry?.digest ?? "sha256:")}`));
  return layers.find(({ mediaType }) => mediaType === mediaTypes.layerZstd)?.digest;
}
