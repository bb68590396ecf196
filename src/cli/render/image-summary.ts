import { printableLine } from "../../base/printable.ts";
import { formatSize } from "../../base/size.ts";
import type { Attachment } from "../../image/diff/attachments.ts";
import type { LayerSummary } from "../../image/diff/compare-layers.ts";
import type { ImageSummary } from "../../image/diff/inspect.ts";
import { table } from "./table.ts";

/** What an image is, for people: its facts, labels and layers. */
export function summaryText(summary: ImageSummary): string {
  const { digest, os, architecture, created, sizeBytes, labels, annotations, layers, attached } = summary;
  const facts = [
    ["Digest", digest],
    ["Platform", `${os}/${architecture}`],
    ["Created", created ?? "unknown"],
    ["Size", `${formatSize(sizeBytes)} in ${layers.length} layers`],
  ];
  return [
    facts.map(([name = "", value = ""]) => `${`${name}:`.padEnd(10)}${printableLine(value)}\n`).join(""),
    record("Labels", labels),
    record("Annotations", annotations),
    attached.length === 0 ? "" : `\n${attachmentTable(attached)}`,
    layers.length === 0 ? "" : `\n${layerTable(layers)}`,
    summary.isPlanned
      ? ""
      : "\nNot layered by debkiln: an image that is built after it shares no layer with it.\n",
  ].join("");
}

/** What lies with the image, by what it says of itself. */
function attachmentTable(attached: readonly Attachment[]): string {
  return table(
    ["ATTACHED", "DIGEST", "OF KIND"],
    attached.map(({ type, digest, annotations }) => [
      printableLine(type ?? "signatures (cosign)"),
      digest,
      printableLine(annotations["dev.sigstore.bundle.predicateType"] ?? ""),
    ]),
  );
}

/** Layers with what is in them; of long lists the beginning. */
export function layerTable(layers: readonly LayerSummary[]): string {
  if (layers.length === 0) return "";
  return table(
    ["LAYER", "SIZE", "HAS"],
    layers.map(({ name, digest, sizeBytes, components }) => [
      name?.toWellFormed() ?? digest.slice(0, 19),
      formatSize(sizeBytes),
      shortened(components),
    ]),
  );
}

const namedComponents = 6;

function shortened(components: readonly string[]): string {
  const named = components.slice(0, namedComponents).map((each) => each.toWellFormed());
  const more = components.length - named.length;
  return `${named.join(", ")}${more === 0 ? "" : `, and ${more} more`}`;
}

function record(title: string, values: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(values).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const lines = pairs.map(([key, value]) => `  ${printableLine(key)}=${printableLine(value)}\n`);
  return lines.length === 0 ? "" : `\n${title}:\n${lines.join("")}`;
}
