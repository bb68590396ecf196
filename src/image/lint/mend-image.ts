import { digestOf } from "../../base/digest.ts";
import { type Descriptor, type ImageConfig, type ImageManifest, mediaTypes } from "../../oci/image-spec.ts";
import { compressionOf } from "../../oci/open-layer.ts";
import { compareBytes } from "../../oci/raw-text.ts";
import type { ReadImage } from "../../oci/read-image.ts";
import type { BlobSource } from "../../oci/blob-source.ts";
import type { Store } from "../../store/store.ts";
import { compareTrees } from "../diff/compare-trees.ts";
import { type LayerCompression, layerMediaTypes } from "../layers/encoder.ts";
import { layerBlob } from "../layers/layer-blob.ts";
import { storedSource } from "../layers/stored-source.ts";
import { impliedDirectory, parentOf } from "../tree/entry.ts";
import type { Tree, TreeEntry } from "../tree/tree.ts";

/** What is to come out: the root filesystem, and the configuration with its labels. */
export interface MendedRoot {
  readonly tree: Tree;
  readonly config: ImageConfig;
}

/**
 * The image with a layer on top that makes its root filesystem the mended one. All its other layers stay as they are; the
 * new parts are in the store. @throws Failure special-file (package), disk-full (infrastructure).
 */
export async function mendImage(
  image: ReadImage & { readonly source: BlobSource },
  before: Tree,
  mended: MendedRoot,
  store: Store,
  signal: AbortSignal,
): Promise<{ readonly source: BlobSource; readonly image: Descriptor }> {
  const entries = layerBetween(before, mended.tree);
  const layers = image.manifest.layers.map(asOci);
  const diffIds = [...image.config.rootfs.diff_ids];
  if (entries.length > 0) {
    const layer = await layerBlob(store, entries, compressionLike(image.manifest), new Map(), signal);
    layers.push(layer.descriptor);
    diffIds.push(layer.diffId);
  }
  const config = await putJson(
    store,
    configOf(mended.config, diffIds, entries.length > 0),
    mediaTypes.config,
  );
  const manifest = { ...image.manifest, mediaType: mediaTypes.manifest, config, layers };
  const descriptor = await putJson(store, manifest, mediaTypes.manifest);
  const { platform } = image.descriptor;
  return {
    source: storedSource(store, image.source),
    image: { ...descriptor, ...(platform === undefined ? {} : { platform }) },
  };
}

/**
 * A layer's entries that make one tree the other (layer.md): what is new or other with the directories above it, and a
 * whiteout for what is gone, unless its directory is gone, too. No entry is a link to a file of another layer.
 */
export function layerBetween(before: Tree, after: Tree): readonly TreeEntry[] {
  const entries = new Map<string, TreeEntry>();
  for (const { path, change } of compareTrees(before, after)) {
    const entry = change === "removed" ? whiteoutFor(path, after) : plainEntry(path, after);
    if (entry === null) continue;
    entries.set(entry.path, entry);
    for (let above = parentOf(path); above !== "."; above = parentOf(above)) {
      const directory = after.get(above);
      if (directory !== undefined) entries.set(above, directory);
    }
  }
  return [...entries.values()].toSorted((a, b) => compareBytes(a.path, b.path));
}

function whiteoutFor(path: string, after: Tree): TreeEntry | null {
  const parent = parentOf(path);
  if (parent !== "." && after.get(parent)?.type !== "directory") return null;
  const mark = `.wh.${path.slice(parent === "." ? 0 : parent.length + 1)}`;
  const bytes = new Uint8Array();
  return {
    ...impliedDirectory(parent === "." ? mark : `${parent}/${mark}`),
    mode: 0o644,
    type: "file",
    sizeBytes: 0,
    digest: digestOf(bytes),
    content: { from: "bytes", bytes },
  };
}

function plainEntry(path: string, after: Tree): TreeEntry | null {
  const entry = after.get(path);
  const file = entry?.type === "link" ? after.get(entry.target) : entry;
  return file === undefined ? null : { ...file, path };
}

/** How most of the image is compressed, so that whoever read it can read the new layer. */
function compressionLike({ layers }: ImageManifest): LayerCompression {
  const last = layers.at(-1);
  return last !== undefined && compressionOf(last) === "zstd" ? "zstd" : "gzip";
}

/** Docker's layers under the OCI's names of the same things: a manifest has one kind only. */
function asOci(layer: Descriptor): Descriptor {
  const compression = compressionOf(layer);
  return { ...layer, mediaType: compression === "none" ? mediaTypes.layer : layerMediaTypes[compression] };
}

function configOf(
  config: ImageConfig,
  diffIds: ImageConfig["rootfs"]["diff_ids"],
  hasLayer: boolean,
): ImageConfig {
  const step = { created_by: "debkiln image lint --fix", ...(hasLayer ? {} : { empty_layer: true }) };
  return {
    ...config,
    rootfs: { type: "layers", diff_ids: diffIds },
    ...(config.history === undefined ? {} : { history: [...config.history, step] }),
  };
}

async function putJson(store: Store, value: unknown, mediaType: string): Promise<Descriptor> {
  const text = JSON.stringify(value);
  return { mediaType, digest: await store.putBytes(text), size: Buffer.byteLength(text) };
}
