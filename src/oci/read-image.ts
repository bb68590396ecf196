import { z } from "zod";
import { Failure } from "../base/failure.ts";
import { printableLine } from "../base/printable.ts";
import { parseJson } from "../base/parse-json.ts";
import { type BlobSource, largestManifestBytes, readCheckedManifest } from "./blob-source.ts";
import { type Descriptor, ImageConfig, type ImageManifest, type Platform } from "./image-spec.ts";
import { parseManifest } from "./manifest.ts";

/** One platform's image. */
export interface ReadImage {
  readonly descriptor: Descriptor;
  readonly manifest: ImageManifest;
  readonly config: ImageConfig;
}

/**
 * The image that a manifest, or an index with one for the platform, describes. Docker's media types are read as the OCI's.
 * @throws Failure bad-image, no-such-platform (usage), bad-manifest, blob-missing, wrong-digest (infrastructure).
 */
export async function readImage(
  source: BlobSource,
  descriptor: Descriptor,
  platform: Pick<Platform, "architecture"> | null = null,
): Promise<ReadImage> {
  const found = await findManifest(source, descriptor, platform, 0);
  const { manifest } = found;
  const config = parsed(ImageConfig, await smallBlob(source, manifest.config), manifest.config);
  // In an index the platform says it; a manifest by itself has nothing but its configuration.
  const isOther = found.descriptor === descriptor && platform?.architecture !== config.architecture;
  if (platform !== null && isOther) throw noSuchPlatform([config.architecture], platform);
  if (config.rootfs.diff_ids.length !== manifest.layers.length) {
    throw badImage(
      descriptor,
      `${manifest.layers.length} layers, but ${config.rootfs.diff_ids.length} diff ids`,
    );
  }
  return { ...found, config };
}

/** Deepest index in indices that is read. */
const deepestIndex = 3;

async function findManifest(
  source: BlobSource,
  descriptor: Descriptor,
  platform: Pick<Platform, "architecture"> | null,
  depth: number,
): Promise<Omit<ReadImage, "config">> {
  const read = parseManifest(descriptor, await readCheckedManifest(source, descriptor));
  if (read.kind === "image") return { descriptor, manifest: read.content };
  if (depth === deepestIndex) throw badImage(descriptor, "indices within indices without end");
  const { manifests } = read.content;
  const chosen = choose(manifests, platform);
  if (chosen === null)
    throw noSuchPlatform(
      manifests.map((each) => each.platform?.architecture ?? "none"),
      platform,
    );
  return await findManifest(source, chosen, platform, depth + 1);
}

/** The platform's own, or without one asked for the only image there is. Attestations have a platform of their own. */
function choose(
  manifests: readonly Descriptor[],
  platform: Pick<Platform, "architecture"> | null,
): Descriptor | null {
  const images = manifests.filter((each) => each.platform?.os !== "unknown");
  const fitting = images.filter(
    (each) => platform === null || each.platform?.architecture === platform.architecture,
  );
  return fitting.length === 1 || platform !== null ? (fitting[0] ?? null) : null;
}

function noSuchPlatform(
  architectures: readonly string[],
  platform: Pick<Platform, "architecture"> | null,
): Failure {
  const has = architectures.map(printableLine).join(", ");
  const message =
    platform === null
      ? `The image is for several architectures: ${has}`
      : `The image is not for ${platform.architecture}`;
  return new Failure("usage", "no-such-platform", message, {
    hint: `Name one with --arch: it has ${has}.`,
    details: { architecture: platform?.architecture ?? null },
  });
}

async function smallBlob(source: BlobSource, descriptor: Descriptor): Promise<Uint8Array> {
  if (descriptor.size > largestManifestBytes) throw badImage(descriptor, "a configuration of absurd size");
  const pieces: Uint8Array[] = [];
  for await (const piece of await source.openBlob(descriptor)) {
    const bytes: Uint8Array = piece;
    pieces.push(bytes);
  }
  return Buffer.concat(pieces);
}

function parsed<T>(schema: z.ZodType<T>, bytes: Uint8Array, descriptor: Descriptor): T {
  const result = schema.safeParse(parseJson(bytes));
  if (!result.success) throw badImage(descriptor, z.prettifyError(result.error));
  return result.data;
}

/** The failure of content that is well transferred but no image. */
export function badImage({ digest }: Pick<Descriptor, "digest">, reason: string): Failure {
  return new Failure(
    "usage",
    "bad-image",
    `${digest} is no image as the OCI's image-spec has it: ${printableLine(reason)}`,
    {
      hint: "Name a container image; artifacts such as signatures are none.",
      details: { digest },
    },
  );
}
