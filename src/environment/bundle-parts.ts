import { type Digest, canonicalJson, digestOf } from "../base/digest.ts";
import { type Descriptor, type ImageIndex, type ImageManifest, mediaTypes } from "../oci/image-spec.ts";
import { type LockFile, formatLockFile } from "./lock-file.ts";

/** The artifact type of what `debkiln fetch` makes, and the media type of the lock in it. */
export const lockMediaType = "application/vnd.debkiln.lock.v1+json";
export const debMediaType = "application/vnd.debian.binary-package";

/** One blob of a bundle: where its bytes are, and what they are. */
export interface BundlePart {
  /** The name that people know it by. */
  readonly title: string;
  readonly mediaType: string;
  readonly digest: Digest;
  readonly sizeBytes: number;
  readonly content: { readonly file: string } | { readonly bytes: Buffer };
}

/** Everything that a bundle holds: what is given, the lock, the manifest that names them, and at last the index. */
export function bundleParts(lockFile: LockFile, files: readonly BundlePart[]): readonly BundlePart[] {
  const lock = bytesPart("lock.json", lockMediaType, formatLockFile(lockFile));
  const content: ImageManifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    artifactType: lockMediaType,
    config: descriptorOf(lock),
    layers: files.map(descriptorOf),
  };
  const manifest = bytesPart("manifest", mediaTypes.manifest, canonicalJson(content));
  return [...files, lock, manifest];
}

/** The index of an image layout that has one manifest (image-layout.md). */
export function bundleIndex(parts: readonly BundlePart[]): ImageIndex {
  const manifests = parts.filter(({ mediaType }) => mediaType === mediaTypes.manifest);
  return {
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests: manifests.map(({ mediaType, digest, sizeBytes: size }) => ({
      mediaType,
      digest,
      size,
      artifactType: lockMediaType,
      annotations: { "org.opencontainers.image.ref.name": "lock" },
    })),
  };
}

function bytesPart(title: string, mediaType: string, text: string): BundlePart {
  const bytes = Buffer.from(text);
  return { title, mediaType, digest: digestOf(bytes), sizeBytes: bytes.length, content: { bytes } };
}

/** A blob as manifests name it. */
export function descriptorOf({ title, mediaType, digest, sizeBytes: size }: BundlePart): Descriptor {
  return { mediaType, digest, size, annotations: { "org.opencontainers.image.title": title } };
}
