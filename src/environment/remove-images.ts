import { hexOf } from "../base/digest.ts";
import { counted } from "../base/counted.ts";
import { Failure } from "../base/failure.ts";
import type { KeptImage } from "./images.ts";
import type { Kiln } from "./kiln.ts";

/**
 * Which images are meant: by the beginnings of their keys or their names, an environment's with all its snapshots; or all that
 * can be made again, which named ones cannot.
 */
export type Selection = { readonly keys: readonly string[] } | "all";

/** What came of a removal: an image that a container uses stays. */
export interface RemovedImages {
  readonly removed: readonly KeptImage[];
  readonly inUse: readonly KeptImage[];
}

/**
 * The images that are meant, in the order in which they can go: what stands on a base before the base.
 * @throws Failure no-such-environment, ambiguous-key, base-in-use (usage).
 */
export function selectImages(selection: Selection, images: readonly KeptImage[]): readonly KeptImage[] {
  if (selection === "all") return inOrder(cachedOf(images));
  const chosen = [...new Set(selection.keys.flatMap((word) => imagesOf(word, images)))];
  for (const base of chosen.filter(({ kind }) => kind === "base")) {
    const standing = images.filter((each) => each.base === base.key && !chosen.includes(each));
    if (standing.length > 0) throw baseNeeded(base, standing);
  }
  return inOrder(chosen);
}

/** Removes images one after the other. What a running build uses is passed over, and the base of that. */
export async function removeImages(kiln: Kiln, images: readonly KeptImage[]): Promise<RemovedImages> {
  const removed: KeptImage[] = [];
  const inUse: KeptImage[] = [];
  for (const image of images) {
    const isNeeded = image.kind === "base" && inUse.some(({ base }) => base === image.key);
    const gone = !isNeeded && (await kiln.engine.removeImage(image.reference));
    (gone || (await kiln.engine.image(image.reference)) === null ? removed : inUse).push(image);
  }
  return { removed, inUse };
}

/** An image's name, or as much of its key as people need to see. */
export function shortKey({ key, name }: Pick<KeptImage, "key" | "name">): string {
  return name ?? hexOf(key).slice(0, 12);
}

/** What stands on a base before the base. */
export function inOrder(images: readonly KeptImage[]): readonly KeptImage[] {
  return images.toSorted((a, b) => Number(a.kind === "base") - Number(b.kind === "base"));
}

/** Those that can be made again, without the bases that named ones stand on. */
function cachedOf(images: readonly KeptImage[]): readonly KeptImage[] {
  const needed = new Set(images.flatMap(({ kind, base }) => (kind === "named" ? [base] : [])));
  return images.filter(({ kind, isNamed, key }) =>
    kind === "named" ? !isNamed : kind !== "base" || !needed.has(key),
  );
}

function imagesOf(word: string, images: readonly KeptImage[]): readonly KeptImage[] {
  const named = images.filter(({ name }) => name === word || name?.startsWith(`${word}@`));
  return named.length > 0 ? named : [imageOf(word, images)];
}

function imageOf(prefix: string, all: readonly KeptImage[]): KeptImage {
  const images = all.filter(({ name }) => name === undefined);
  const hex = prefix.replace(/^sha256:/, "").toLowerCase();
  const found = /^[0-9a-f]+$/.test(hex) ? images.filter(({ key }) => hexOf(key).startsWith(hex)) : [];
  const [only, second] = found;
  if (only === undefined) {
    throw new Failure(
      "usage",
      "no-such-environment",
      `No environment has the name ${prefix} or a key that begins so`,
      {
        hint: "`debkiln env list` shows names and keys.",
      },
    );
  }
  if (second === undefined) return only;
  throw new Failure("usage", "ambiguous-key", `${found.length} keys begin with ${prefix}`, {
    hint: `Give more of it: ${found.map((each) => hexOf(each.key).slice(0, Math.max(12, hex.length + 4))).join(", ")}.`,
  });
}

function baseNeeded(base: KeptImage, standing: readonly KeptImage[]): Failure {
  const keys = standing.map(shortKey).join(" ");
  return new Failure(
    "usage",
    "base-in-use",
    `${counted(standing.length, "image stands", "images stand")} on the base ${shortKey(base)} of ${base.target}`,
    { hint: `Remove them with it: debkiln env rm ${keys} ${shortKey(base)}` },
  );
}
