import type { Descriptor } from "../../oci/image-spec.ts";
import type { ReadImage } from "../../oci/read-image.ts";
import { layerOf } from "../layers/annotations.ts";

/** A layer as it is told of. */
export interface LayerSummary {
  readonly digest: string;
  /** Compressed. */
  readonly sizeBytes: number;
  /** Its name in the plan of debkiln that made it; null of others' layers. */
  readonly name: string | null;
  readonly components: readonly string[];
}

export interface LayerChanges {
  /** Layers of the second that the first has too. */
  readonly kept: number;
  readonly added: readonly LayerSummary[];
  readonly removed: readonly LayerSummary[];
  /** What a host that has the first fetches to have the second: new layers, configuration and manifest. */
  readonly fetchBytes: number;
  /** What a host without either fetches. */
  readonly totalBytes: number;
}

/** Which layers of an image a host that has another one need not fetch. */
export function compareLayers(before: ReadImage, after: ReadImage): LayerChanges {
  const had = new Set(before.manifest.layers.map(({ digest }) => digest));
  const has = new Set(after.manifest.layers.map(({ digest }) => digest));
  const added = after.manifest.layers.filter(({ digest }) => !had.has(digest));
  const isSame = before.descriptor.digest === after.descriptor.digest;
  const config =
    before.manifest.config.digest === after.manifest.config.digest ? 0 : after.manifest.config.size;
  return {
    kept: after.manifest.layers.length - added.length,
    added: added.map(summaryOf),
    removed: before.manifest.layers.filter(({ digest }) => !has.has(digest)).map(summaryOf),
    fetchBytes: isSame ? 0 : sizeOf(added) + config + after.descriptor.size,
    totalBytes: imageBytes(after),
  };
}

/** What a host without any of it fetches of an image, in bytes. */
export function imageBytes({ descriptor, manifest }: Pick<ReadImage, "descriptor" | "manifest">): number {
  const unique = new Map(manifest.layers.map((layer) => [layer.digest, layer]));
  return sizeOf([...unique.values()]) + manifest.config.size + descriptor.size;
}

export function summaryOf(layer: Descriptor): LayerSummary {
  const planned = layerOf(layer);
  return {
    digest: layer.digest,
    sizeBytes: layer.size,
    name: planned?.name ?? null,
    components: planned?.components ?? [],
  };
}

function sizeOf(layers: readonly Descriptor[]): number {
  return layers.reduce((sum, { size }) => sum + size, 0);
}
