import type { Readable } from "node:stream";
import { digestOf } from "../base/digest.ts";
import { Failure } from "../base/failure.ts";
import type { Descriptor } from "./image-spec.ts";

/**
 * Where the content of images comes from: a layout on disk, the store, a registry. A source need not have every blob
 * that its manifests name: what the other side has already is never asked for.
 */
export interface BlobSource {
  /**
   * A blob's bytes from an offset to its end, as they come. May be asked for several times.
   * @throws Failure blob-missing.
   */
  openBlob(blob: Descriptor, from?: number): Promise<Readable>;
  /** A manifest's or index's bytes exactly as they were written. @throws Failure blob-missing. */
  readManifest(manifest: Descriptor): Promise<Uint8Array>;
}

/** Where the content of images goes to. Nothing is visible under a name until all of it is there. */
export interface BlobSink {
  hasBlob(blob: Descriptor): Promise<boolean>;
  /**
   * Takes a blob in from a source, opening it as often as it needs. The sink checks size and digest, and keeps nothing of
   * a blob that has others. @throws Failure wrong-digest (infrastructure).
   */
  putBlob(blob: Descriptor, source: BlobSource): Promise<void>;
  /** Takes a manifest or index in, after everything it names. */
  putManifest(manifest: Descriptor, bytes: Uint8Array): Promise<void>;
}

/** The largest manifest or index that is read: the distribution-spec has registries take 4 MiB at least. */
export const largestManifestBytes = 4 * 1024 * 1024;

/** A manifest's bytes, checked against its descriptor. @throws Failure wrong-digest (infrastructure), blob-missing. */
export async function readCheckedManifest(source: BlobSource, manifest: Descriptor): Promise<Uint8Array> {
  const bytes = await source.readManifest(manifest);
  if (digestOf(bytes) !== manifest.digest) throw wrongDigest(`The manifest ${manifest.digest}`, manifest);
  return bytes;
}

/** The failure of content that has another digest or size than its descriptor says. */
export function wrongDigest(what: string, expected: Pick<Descriptor, "digest" | "size">): Failure {
  return new Failure("infrastructure", "wrong-digest", `${what} has other bytes than its digest says`, {
    hint: "Its content was damaged or altered on the way or where it is kept: fetch or write it again.",
    details: { digest: expected.digest, sizeBytes: expected.size },
  });
}

/** The failure of asking a source for what it has not. */
export function blobMissing(where: string, { digest }: Pick<Descriptor, "digest">): Failure {
  return new Failure("infrastructure", "blob-missing", `${where} has no ${digest}, which its image needs`, {
    hint: "It is not whole: fetch or write it again.",
    details: { where, digest },
  });
}
