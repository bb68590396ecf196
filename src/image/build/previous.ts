import { stat } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../../base/failure.ts";
import { nullIfMissing } from "../../base/system-error.ts";
import { architecture as debianArchitecture } from "../../debian/architecture.ts";
import type { BlobSource } from "../../oci/blob-source.ts";
import type { Descriptor } from "../../oci/image-spec.ts";
import { imageOf } from "../../oci/layout-image.ts";
import { openLayout, referenceName } from "../../oci/layout.ts";
import { readImage } from "../../oci/read-image.ts";
import { type Reference, formatReference } from "../../oci/reference.ts";
import type { RegistryAccess } from "../../oci/registry/connection.ts";
import { Repository } from "../../oci/registry/repository.ts";
import type { PreviousImage } from "../layers/write-image.ts";
import { type Place, parsePlace } from "../place.ts";

/** Where the image before may be. */
export interface PreviousChoice {
  /** What the user said: a registry's reference or a layout. */
  readonly said: string | undefined;
  /** Where the new one will be pushed to. */
  readonly registry: Reference | null;
  /** Where the new one will be written to. */
  readonly places: readonly Place[];
  /** Debian's name. */
  readonly architecture: string;
}

/**
 * The image that hosts have now, for one architecture: what the user named, else what is at the destination. Null when there
 * is none yet. @throws Failure no-previous-image (usage) when the user named one that is not there, bad-image (usage).
 */
export async function previousImage(
  choice: PreviousChoice,
  access: RegistryAccess,
): Promise<PreviousImage | null> {
  const { said, registry, places, architecture } = choice;
  if (said !== undefined) {
    const found = await imageAt(parsePlace(said), architecture, access);
    if (found !== null) return found;
    throw new Failure("usage", "no-previous-image", `There is no image of ${architecture} at ${said}`, {
      hint: "Leave --previous out when there is none yet.",
    });
  }
  const candidates: Place[] = [
    ...(registry === null ? [] : [{ kind: "registry", reference: registry } as const]),
    ...places,
  ];
  for (const place of candidates) {
    const found = await imageAt(place, architecture, access);
    if (found !== null) return found;
  }
  return null;
}

async function imageAt(
  place: Place,
  architecture: string,
  access: RegistryAccess,
): Promise<PreviousImage | null> {
  try {
    return await openAt(place, architecture, access);
  } catch (thrown) {
    throw thrown instanceof Failure && thrown.code === "bad-image" ? unusable(place, thrown) : thrown;
  }
}

async function openAt(
  place: Place,
  architecture: string,
  access: RegistryAccess,
): Promise<PreviousImage | null> {
  switch (place.kind) {
    case "registry": {
      const repository = new Repository(place.reference, { access, rights: "pull" });
      const name = place.reference.digest ?? place.reference.tag ?? "latest";
      const found = await repository.findManifest(name);
      return found === null ? null : await ofArchitecture(repository, found.descriptor, architecture);
    }
    case "layout":
      return await inLayout(place.directory, place.name, architecture);
    default:
      return null;
  }
}

async function inLayout(
  directory: string,
  name: string | null,
  architecture: string,
): Promise<PreviousImage | null> {
  if ((await stat(join(directory, "oci-layout")).catch(nullIfMissing)) === null) return null;
  const layout = await openLayout(directory);
  const { manifests } = await layout.index();
  const isThere = manifests.some((each) => name === null || each.annotations?.[referenceName] === name);
  return isThere ? await ofArchitecture(layout, await imageOf(layout, name), architecture) : null;
}

async function ofArchitecture(
  source: BlobSource,
  descriptor: Descriptor,
  architecture: string,
): Promise<PreviousImage | null> {
  try {
    const { oci } = debianArchitecture(architecture);
    return { image: await readImage(source, descriptor, oci), source };
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.code === "no-such-platform") return null;
    throw thrown;
  }
}

/** Whatever is there would lose its name to the new image: that is not done without a word. */
function unusable(place: Place, cause: Failure): Failure {
  const where =
    place.kind === "registry"
      ? formatReference(place.reference)
      : place.kind === "layout"
        ? `oci:${place.directory}`
        : place.kind;
  return new Failure(
    "usage",
    "bad-image",
    `What is at ${where} is no image that this one could follow: ${cause.message}`,
    {
      hint: "Choose another place for the new image, or name with --previous the image that hosts have.",
      cause,
    },
  );
}
