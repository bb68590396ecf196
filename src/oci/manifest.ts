import { z } from "zod";
import type { Digest } from "../base/digest.ts";
import { Failure } from "../base/failure.ts";
import { type Descriptor, dockerMediaTypes, ImageIndex, ImageManifest, mediaTypes } from "./image-spec.ts";

/** A manifest or index as it was read. */
export type Manifest =
  | { readonly kind: "image"; readonly content: ImageManifest }
  | { readonly kind: "index"; readonly content: ImageIndex };

/**
 * Reads a manifest or index, by the type that its descriptor or itself names. One that claims to be something else than its
 * descriptor says is refused: the same bytes must not be an image to one reader and an index to another (CVE-2021-41190).
 * @throws Failure bad-manifest (infrastructure).
 */
export function parseManifest(
  descriptor: Pick<Descriptor, "mediaType" | "digest">,
  bytes: Uint8Array,
): Manifest {
  const value = parseJson(descriptor.digest, bytes);
  const claimed = z.looseObject({ mediaType: z.string().optional() }).safeParse(value).data?.mediaType;
  const type = descriptor.mediaType === "" ? (claimed ?? "") : descriptor.mediaType;
  if (claimed !== undefined && claimed !== type) {
    throw badManifest(descriptor.digest, `it says it is ${claimed}, and its descriptor says ${type}`);
  }
  if (isIndexType(type)) return { kind: "index", content: read(ImageIndex, value, descriptor.digest) };
  if (isImageType(type)) return { kind: "image", content: read(ImageManifest, value, descriptor.digest) };
  throw badManifest(descriptor.digest, `its type is ${JSON.stringify(type.slice(0, 100))}`);
}

export function isIndexType(mediaType: string): boolean {
  return mediaType === mediaTypes.index || mediaType === dockerMediaTypes.list;
}

export function isImageType(mediaType: string): boolean {
  return mediaType === mediaTypes.manifest || mediaType === dockerMediaTypes.manifest;
}

function read<T>(schema: z.ZodType<T>, value: unknown, digest: Digest): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw badManifest(digest, z.prettifyError(parsed.error).split("\n").join(" "));
}

function parseJson(digest: Digest, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw badManifest(digest, "it is not JSON");
  }
}

function badManifest(digest: Digest, reason: string): Failure {
  return new Failure("infrastructure", "bad-manifest", `The manifest ${digest} cannot be read: ${reason}`, {
    hint: "It is no OCI or docker image, or it is damaged.",
    details: { digest },
  });
}
