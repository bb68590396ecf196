import type { ReadImage } from "../../oci/read-image.ts";
import { planOf } from "../layers/annotations.ts";
import type { Attachment } from "./attachments.ts";
import { type LayerSummary, imageBytes, summaryOf } from "./compare-layers.ts";

/** What an image's manifest and configuration tell of it. */
export interface ImageSummary {
  readonly digest: string;
  readonly architecture: string;
  readonly os: string;
  readonly created: string | null;
  /** Compressed, all layers. */
  readonly sizeBytes: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly layers: readonly LayerSummary[];
  /** Whether debkiln divided it into layers, so that updates of it can keep them. */
  readonly isPlanned: boolean;
  readonly history: readonly string[];
  /** What lies with it in its registry. */
  readonly attached: readonly Attachment[];
}

/** Tells of an image without reading its layers. */
export function inspectImage(image: ReadImage, attached: readonly Attachment[]): ImageSummary {
  const { descriptor, manifest, config } = image;
  return {
    digest: descriptor.digest,
    architecture: config.architecture,
    os: config.os,
    created: config.created ?? null,
    sizeBytes: imageBytes(image),
    labels: config.config?.Labels ?? {},
    annotations: manifest.annotations ?? {},
    layers: manifest.layers.map(summaryOf),
    isPlanned: planOf(manifest) !== null,
    history: (config.history ?? []).map(({ created_by: command }) => command ?? ""),
    attached,
  };
}
