import { type Descriptor, type ImageManifest, mediaTypes } from "./image-spec.ts";
import { MemoryBlobs } from "./memory-blobs.ts";

/** Something that is no image but belongs to one: a signature, a bill of materials, a provenance. */
export interface Artifact {
  /** Its kind, as a media type: `application/spdx+json`. */
  readonly artifactType: string;
  readonly contents: readonly ArtifactContent[];
  /** What receivers see of it in lists, without fetching it. */
  readonly annotations: Readonly<Record<string, string>>;
}

export interface ArtifactContent {
  readonly mediaType: string;
  readonly bytes: string | Uint8Array;
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * An artifact's manifest about a subject, with its contents (image-spec manifest.md, Guidelines for Artifact Usage). The
 * same artifact has the same digest.
 */
export function makeArtifact(
  { artifactType, contents, annotations }: Artifact,
  subject: Descriptor,
): { readonly root: Descriptor; readonly source: MemoryBlobs } {
  const source = new MemoryBlobs();
  const layers = contents.map(({ mediaType, bytes, annotations: own }) => ({
    ...source.add(mediaType, bytes),
    ...(own === undefined ? {} : { annotations: { ...own } }),
  }));
  const manifest: ImageManifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    artifactType,
    config: source.add(mediaTypes.empty, "{}"),
    layers,
    subject: bare(subject),
    annotations: { ...annotations },
  };
  const root = source.add(mediaTypes.manifest, JSON.stringify(manifest));
  return { root: { ...root, artifactType, annotations: { ...annotations } }, source };
}

/** What says which content is meant, and nothing about it. */
function bare({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size };
}
