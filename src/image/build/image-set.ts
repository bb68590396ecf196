import { canonicalJson, digestOf } from "../../base/digest.ts";
import type { BlobSource } from "../../oci/blob-source.ts";
import { type Descriptor, type ImageIndex, mediaTypes } from "../../oci/image-spec.ts";
import { compareBytes } from "../../oci/raw-text.ts";
import type { Store } from "../../store/store.ts";
import { storedSource } from "../layers/stored-source.ts";
import type { BuiltImage } from "./build-image.ts";

/** What a build comes to as a whole: the manifest of one image, or the index of several architectures. */
export interface ImageSet {
  readonly descriptor: Descriptor;
  /** Has all parts. */
  readonly source: BlobSource;
}

/** Of an image that was built, what the whole is made of. */
export type SetMember = Pick<BuiltImage, "image" | "source"> & {
  readonly plan: Pick<BuiltImage["plan"], "annotations">;
};

/** The images as one: an index when there are several, in the order of their platforms, which is written into the store. */
export async function imageSet(store: Store, members: readonly SetMember[]): Promise<ImageSet> {
  const built = members.toSorted((a, b) => compareBytes(platformName(a), platformName(b)));
  const [first] = built;
  if (first !== undefined && built.length === 1)
    return { descriptor: first.image.descriptor, source: first.source };
  const index: ImageIndex = {
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests: built.map(({ image }) => image.descriptor),
    ...(first === undefined ? {} : { annotations: { ...first.plan.annotations } }),
  };
  const text = canonicalJson(index);
  const digest = await store.putBytes(text);
  const descriptor = { mediaType: mediaTypes.index, digest: digestOf(text), size: Buffer.byteLength(text) };
  return { descriptor: { ...descriptor, digest }, source: storedSource(store, others(built)) };
}

function platformName({ image: { config } }: SetMember): string {
  return [config.os, config.architecture, config.variant ?? ""].join("/");
}

/** Asks one image's source after the other. */
function others(built: readonly SetMember[]): BlobSource {
  const sources = new Map(
    built.flatMap(({ image, source }) => partsOf(image).map((digest) => [digest, source])),
  );
  const [first] = built;
  const sourceOf = (blob: Descriptor): BlobSource => {
    const source = sources.get(blob.digest) ?? first?.source;
    if (source === undefined) throw new Error("an index of no images");
    return source;
  };
  return {
    openBlob: (blob, from) => sourceOf(blob).openBlob(blob, from),
    readManifest: (manifest) => sourceOf(manifest).readManifest(manifest),
  };
}

function partsOf({ descriptor, manifest }: BuiltImage["image"]): string[] {
  return [descriptor.digest, manifest.config.digest, ...manifest.layers.map(({ digest }) => digest)];
}
