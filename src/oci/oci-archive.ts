import type { Readable } from "node:stream";
import { hexOf } from "../base/digest.ts";
import type { BlobSource } from "./blob-source.ts";
import { readGraph } from "./image-graph.ts";
import { type Descriptor, mediaTypes } from "./image-spec.ts";
import { referenceName } from "./layout.ts";
import { packTar, type TarEntry } from "./tar.ts";

/** What members of archives have in common: nothing of this machine or of now. */
export const archiveOwner = { mode: 0o644, uid: 0, gid: 0, mtime: 0 } as const;

/**
 * A tar of an OCI layout with one image (image-layout.md), as podman, skopeo and newer dockers load it. The same image gives
 * the same bytes.
 */
export async function packOciArchive(
  source: BlobSource,
  image: Descriptor,
  name: string | null,
): Promise<Readable> {
  const { blobs, manifests } = await readGraph(source, image);
  const annotations = { ...image.annotations, ...(name === null ? {} : { [referenceName]: name }) };
  const root = { ...image, ...(Object.keys(annotations).length === 0 ? {} : { annotations }) };
  const index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests: [root] };
  const small = manifests.map(({ descriptor, bytes }) => bytesEntry(blobPath(descriptor), bytes));
  const large = blobs.map((blob): TarEntry => ({
    ...archiveOwner,
    type: "file",
    path: blobPath(blob),
    size: blob.size,
    content: () => source.openBlob(blob),
  }));
  return packTar([
    jsonEntry("oci-layout", { imageLayoutVersion: "1.0.0" }),
    jsonEntry("index.json", index),
    ...["blobs", "blobs/sha256"].map(
      (path) => ({ ...archiveOwner, mode: 0o755, type: "directory", path }) as const,
    ),
    ...[...small, ...large].toSorted((a, b) => (a.path < b.path ? -1 : 1)),
  ]);
}

export function jsonEntry(path: string, value: unknown): TarEntry {
  return bytesEntry(path, Buffer.from(JSON.stringify(value)));
}

export function bytesEntry(path: string, bytes: Uint8Array): TarEntry {
  return { ...archiveOwner, type: "file", path, size: bytes.length, content: () => bytes };
}

function blobPath({ digest }: Descriptor): string {
  return `blobs/sha256/${hexOf(digest)}`;
}
