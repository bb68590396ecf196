import { createHash } from "node:crypto";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { Digester } from "../../base/digester.ts";
import { type Digest, DigestText, keyOf } from "../../base/digest.ts";
import type { Descriptor } from "../../oci/image-spec.ts";
import { diskFailure } from "../../store/disk.ts";
import type { Store } from "../../store/store.ts";
import type { TreeEntry } from "../tree/tree.ts";
import { tarHeader, tarOfEntries, tarSize } from "../tree/write-tar.ts";
import { type LayerCompression, compressed, encoderId, layerMediaTypes } from "./encoder.ts";

/** A layer as it stands in a manifest, without annotations, and in a configuration. */
export interface LayerBlob {
  readonly descriptor: Descriptor;
  readonly diffId: Digest;
  /** Whether it had to be compressed, or somebody had it: this store, or the image before. */
  readonly origin: "made" | "stored" | "previous";
}

/** Kinds of memo of layers. They lead to blobs, and go with them. */
export const layerMemos = { diffId: "layer-diff-id", blob: "layer-blob" } as const;

const DiffIdMemo = z.strictObject({ diffId: DigestText });
const BlobMemo = z.strictObject({ digest: DigestText, sizeBytes: z.int() });

/**
 * The blob of a layer with these entries. Nothing is read when the same entries were written before, and nothing is
 * compressed when the image before has a layer with the same tar: whatever compressed that one, hosts have it.
 * @throws Failure special-file (package), file-changed, disk-full (infrastructure).
 */
export async function layerBlob(
  store: Store,
  entries: readonly TreeEntry[],
  compression: LayerCompression,
  previous: ReadonlyMap<Digest, Descriptor>,
  signal: AbortSignal,
): Promise<LayerBlob> {
  const key = contentKey(entries);
  const known = (await store.recall(layerMemos.diffId, key, DiffIdMemo))?.diffId ?? null;
  const found = known === null ? null : await findBlob(store, known, compression, previous);
  if (found !== null) return found;
  const made = await makeBlob(store, entries, compression, signal);
  await store.remember(layerMemos.diffId, key, { diffId: made.diffId });
  await store.remember(layerMemos.blob, blobKey(made.diffId, compression), {
    digest: made.descriptor.digest,
    sizeBytes: made.descriptor.size,
  });
  return usable(previous.get(made.diffId), made.diffId, compression) ?? made;
}

/** Of all that a layer's tar is made of. */
function contentKey(entries: readonly TreeEntry[]): Digest {
  const hash = createHash("sha256");
  for (const entry of entries) {
    hash.update(tarHeader(entry));
    if (entry.type === "file") hash.update(entry.digest);
  }
  return keyOf({ form: 1, content: hash.digest("hex") });
}

function blobKey(diffId: Digest, compression: LayerCompression): Digest {
  return keyOf({ diffId, encoder: encoderId(compression) });
}

async function findBlob(
  store: Store,
  diffId: Digest,
  compression: LayerCompression,
  previous: ReadonlyMap<Digest, Descriptor>,
): Promise<LayerBlob | null> {
  const before = usable(previous.get(diffId), diffId, compression);
  if (before !== null) return before;
  const memo = await store.recall(layerMemos.blob, blobKey(diffId, compression), BlobMemo);
  if (memo === null || !(await store.hasBlob(memo.digest, memo.sizeBytes))) return null;
  await store.touchBlob(memo.digest);
  return { descriptor: descriptorOf(memo.digest, memo.sizeBytes, compression), diffId, origin: "stored" };
}

/** The descriptor that the image before has for a tar, if it is compressed as asked for. */
function usable(
  before: Descriptor | undefined,
  diffId: Digest,
  compression: LayerCompression,
): LayerBlob | null {
  if (before?.mediaType !== layerMediaTypes[compression]) return null;
  return { descriptor: descriptorOf(before.digest, before.size, compression), diffId, origin: "previous" };
}

async function makeBlob(
  store: Store,
  entries: readonly TreeEntry[],
  compression: LayerCompression,
  signal: AbortSignal,
): Promise<LayerBlob> {
  const directory = await store.temporaryDirectory();
  try {
    const file = join(directory, "layer");
    const [plain, blob] = [new Digester(), new Digester()];
    await using handle = await open(file, "wx");
    const tar = plain.through(tarOfEntries(entries));
    for await (const chunk of compressed(tar, tarSize(entries), compression)) {
      signal.throwIfAborted();
      const written = handle.writeFile(chunk);
      blob.update(chunk);
      await written;
    }
    const { digest, sizeBytes } = blob;
    await store.adoptFile(file, digest);
    const descriptor = descriptorOf(digest, sizeBytes, compression);
    return { descriptor, diffId: plain.digest, origin: "made" };
  } catch (thrown) {
    throw diskFailure(thrown, store.directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function descriptorOf(digest: Digest, size: number, compression: LayerCompression): Descriptor {
  return { mediaType: layerMediaTypes[compression], digest, size };
}
