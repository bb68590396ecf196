import type { Task } from "../../base/event.ts";
import { Failure } from "../../base/failure.ts";
import { printableLine } from "../../base/printable.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Reference } from "../../oci/reference.ts";
import type { RegistryAccess } from "../../oci/registry/connection.ts";
import type { TagStates } from "../../oci/registry/tags.ts";
import type { Place } from "../place.ts";
import { type Accompany, type Pushed, pushImage } from "../push.ts";
import { loadImage, saveImage } from "../save.ts";
import type { ImageSet } from "./image-set.ts";

/** Where an image is brought once it is built. */
export interface Destinations {
  readonly places: readonly Place[];
  readonly push: {
    readonly to: Reference;
    readonly tags: readonly string[];
    readonly moved: "refuse" | "overwrite";
    /** What is to be with the image before a tag leads to it. */
    readonly accompany: readonly Accompany[];
    /** Where the tags led when the build began. */
    readonly before: TagStates;
  } | null;
}

/** Writes the image to its places and pushes it, tags last. @throws Failure what `saveImage`, `loadImage` and `pushImage` raise. */
export async function deliver(
  { source, descriptor: image }: ImageSet,
  { places, push }: Destinations,
  { engine, access }: { readonly engine: Engine; readonly access: RegistryAccess },
  task: Task,
): Promise<Pushed | null> {
  const { signal } = access;
  for (const place of places) {
    if (place.kind === "engine") await loadImage({ source, image }, place.reference, engine, task, signal);
    else if (place.kind !== "registry") await saveImage({ source, image }, place, task, signal);
  }
  return push === null ? null : await pushImage({ source, image, ...push }, access, task);
}

/**
 * Refuses places that cannot take what is to be built, before anything long begins. Architectures are in Debian's words;
 * `own` is the engine's. @throws Failure bad-place (usage).
 */
export function requireFitting(
  places: readonly Place[],
  architectures: readonly string[],
  own: string,
): void {
  if (architectures.length < 2) return;
  const all = architectures.join(", ");
  for (const place of places) {
    if (place.kind === "docker-archive")
      throw new Failure(
        "usage",
        "bad-place",
        `docker-archive:${printableLine(place.file)} would hold an image of one architecture, and this one is for ${all}`,
        { hint: "Write an oci-archive:FILE, which takes all, or build with one --arch at a time." },
      );
    if (place.kind === "engine" && !architectures.includes(own))
      throw new Failure(
        "usage",
        "bad-place",
        `The engine's storage takes one architecture of an image for several, its own ${own}, which is not among ${all}`,
        { hint: `Add ${own} to --arch, or build with one --arch at a time.` },
      );
  }
}
