import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { type Digest, hexOf } from "../base/digest.ts";
import type { BlobSource } from "./blob-source.ts";
import type { Descriptor } from "./image-spec.ts";
import { archiveOwner, bytesEntry, jsonEntry } from "./oci-archive.ts";
import { compressionOf, openLayer } from "./open-layer.ts";
import { readImage } from "./read-image.ts";
import { packTar, type TarEntry } from "./tar.ts";

/**
 * A tar of one platform's image as `docker save` writes it, which every docker and podman loads. Its layers are not
 * compressed, for older dockers know no zstd.
 * @throws Failure no-such-platform (usage) when an index leaves several, blob-missing, bad-layer, wrong-digest.
 */
export async function packDockerArchive(
  source: BlobSource,
  image: Descriptor,
  name: string,
): Promise<Readable> {
  const { manifest, config } = await readImage(source, image);
  const configBytes = await buffer(await source.openBlob(manifest.config));
  const configName = `${hexOf(manifest.config.digest)}.json`;
  const layers = manifest.layers.map((layer, at) => ({
    layer,
    diffId: diffIdAt(config.rootfs.diff_ids, at),
  }));
  const entries = new Map<string, TarEntry>();
  for (const { layer, diffId } of layers) {
    const entry = await layerEntry(source, layer, diffId);
    entries.set(entry.path, entry);
  }
  const list = [
    { Config: configName, RepoTags: [name], Layers: layers.map(({ diffId }) => layerName(diffId)) },
  ];
  return packTar([
    ...entries.values(),
    bytesEntry(configName, configBytes),
    jsonEntry("manifest.json", list),
  ]);
}

async function layerEntry(source: BlobSource, layer: Descriptor, diffId: Digest): Promise<TarEntry> {
  const size = compressionOf(layer) === "none" ? layer.size : await tarSize(source, layer, diffId);
  const content = () => openLayer(source, layer, diffId);
  return { ...archiveOwner, type: "file", path: layerName(diffId), size, content };
}

/** A tar's header has its member's size, so a layer is unpacked once to be measured and once to be written. */
async function tarSize(source: BlobSource, layer: Descriptor, diffId: Digest): Promise<number> {
  let size = 0;
  for await (const chunk of openLayer(source, layer, diffId)) size += chunk.length;
  return size;
}

function layerName(diffId: Digest): string {
  return `${hexOf(diffId)}.tar`;
}

function diffIdAt(diffIds: readonly Digest[], at: number): Digest {
  const diffId = diffIds[at];
  // readImage has compared their numbers.
  if (diffId === undefined) throw new RangeError(`no diff id ${at}`);
  return diffId;
}
