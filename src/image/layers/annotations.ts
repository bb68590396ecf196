import type { Descriptor, ImageManifest } from "../../oci/image-spec.ts";
import { bytesOf, textOf } from "../../oci/raw-text.ts";
import { type LayerPlan, type PlannedLayer, orderedPlan } from "./plan.ts";

/** Annotations of a layer's descriptor, by which the next build and `image diff` know what is in it. */
export const layerAnnotations = {
  /** The layer's name in its plan. */
  name: "debkiln.layer",
  /** Names of its components, sorted, with commas between. */
  components: "debkiln.components",
} as const;

export function annotationsOf({ name, components }: PlannedLayer): Readonly<Record<string, string>> {
  return {
    [layerAnnotations.name]: encoded(name),
    [layerAnnotations.components]: components.map(encoded).join(","),
  };
}

/** What a layer's descriptor says of it, or null when it is none of ours. */
export function layerOf({ annotations }: Pick<Descriptor, "annotations">): PlannedLayer | null {
  const name = annotations?.[layerAnnotations.name];
  const components = annotations?.[layerAnnotations.components];
  if (name === undefined || components === undefined) return null;
  const texts = [name, ...components.split(",")];
  if (!texts.every((text) => encodedForm.test(text))) return null;
  return { name: decoded(name), components: components.split(",").map(decoded) };
}

/** The plan by which an image was made; null when it is not ours, wholly, or says something twice. */
export function planOf({ layers }: Pick<ImageManifest, "layers">): LayerPlan | null {
  const found = layers.flatMap((each) => layerOf(each) ?? []);
  const names = found.map(({ name }) => name);
  const components = found.flatMap((each) => each.components);
  const isWhole = found.length === layers.length && found.length > 0;
  const isUnique = new Set(names).size === names.length && new Set(components).size === components.length;
  return isWhole && isUnique ? orderedPlan(new Map(found.map((each) => [each.name, each.components]))) : null;
}

/** Printable ASCII without comma, which divides, and percent, which begins a byte of anything else. */
const encodedForm = /^(?:[!-$&-+\--~]|%[0-9A-F]{2})+$/;

function encoded(name: string): string {
  return Array.from(bytesOf(name), (byte) => {
    const character = String.fromCharCode(byte);
    return encodedForm.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }).join("");
}

function decoded(text: string): string {
  const bytes = text.replace(/%([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return textOf(Buffer.from(bytes, "latin1"));
}
