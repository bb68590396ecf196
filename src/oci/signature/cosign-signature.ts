import type { KeyObject } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { type Digest, hexOf } from "../../base/digest.ts";
import type { Task } from "../../base/event.ts";
import { Failure } from "../../base/failure.ts";
import type { BlobSource } from "../blob-source.ts";
import { copyImage } from "../copy-image.ts";
import { readGraph } from "../image-graph.ts";
import { type Descriptor, type ImageManifest, mediaTypes } from "../image-spec.ts";
import { parseManifest } from "../manifest.ts";
import { MemoryBlobs } from "../memory-blobs.ts";
import type { FetchedManifest, Repository } from "../registry/repository.ts";
import { signBytes, type SigningKey, verifyBytes } from "./key.ts";
import {
  type Claim,
  readPayload,
  signatureAnnotation,
  simpleSigningType,
  writePayload,
} from "./simple-signing.ts";

/** Signatures are small; what is larger is none. */
const largestPayloadBytes = 64 * 1024;
const mostSignatures = 500;
/** Signing again is for when somebody else signs at the same time. */
const attempts = 5;

/** The tag under which cosign, podman, skopeo and bootc look for the signatures of an image. */
export function signatureTag(digest: Digest): string {
  return `sha256-${hexOf(digest)}.sig`;
}

/**
 * Adds signatures for some names of an image to those that it has, as podman, skopeo and bootc verify them (cosign's
 * SIGNATURE_SPEC.md). What this key has signed already stays as it is. Says whether anything was added.
 * @throws Failure registry-* (infrastructure).
 */
export async function addSignatures(
  repository: Repository,
  claims: readonly Claim[],
  key: SigningKey,
  task: Task,
  signal: AbortSignal,
): Promise<boolean> {
  const [first] = claims;
  if (first === undefined) return false;
  const tag = signatureTag(first.digest);
  for (let attempt = 0; attempt < attempts; attempt++) {
    const found = await repository.findManifest(tag);
    const layers = found === null ? [] : signatureLayers(found);
    const there = await readClaims(repository, layers, key.publicKey);
    const missing = claims.filter((claim) => !there.some((each) => each.reference === claim.reference));
    if (missing.length === 0) return attempt > 0;
    const { root, source } = signatureManifest(layers, missing, key);
    await copyImage(source, repository, await readGraph(source, root), task, signal);
    await repository.putTag(tag, root, await source.readManifest(root));
    if ((await repository.findDigest(tag)) === root.digest) return true;
  }
  throw new Failure(
    "infrastructure",
    "referrers-moving",
    `Others keep changing the signatures of ${repository.nameOf(first.digest)}`,
    { hint: "Try again." },
  );
}

/** What the signatures of an image claim that are really the key's. */
export async function verifiedClaims(
  repository: Repository,
  digest: Digest,
  key: KeyObject,
): Promise<{ readonly signatures: number; readonly claims: readonly Claim[] }> {
  const found = await repository.findManifest(signatureTag(digest));
  const layers = found === null ? [] : signatureLayers(found);
  const claims = await readClaims(repository, layers, key);
  return { signatures: layers.length, claims: claims.filter((claim) => claim.digest === digest) };
}

function signatureLayers({ descriptor, bytes }: FetchedManifest): readonly Descriptor[] {
  const manifest = parseManifest(descriptor, bytes);
  if (manifest.kind !== "image") return [];
  return manifest.content.layers
    .filter(({ mediaType }) => mediaType === simpleSigningType)
    .slice(0, mostSignatures);
}

async function readClaims(
  source: BlobSource,
  layers: readonly Descriptor[],
  key: KeyObject,
): Promise<readonly Claim[]> {
  const claims: Claim[] = [];
  for (const layer of layers) {
    const signature = layer.annotations?.[signatureAnnotation];
    if (signature === undefined || layer.size > largestPayloadBytes) continue;
    const payload = await buffer(await source.openBlob(layer));
    if (!verifyBytes(key, payload, Buffer.from(signature, "base64"))) continue;
    const claim = readPayload(payload);
    if (claim !== null) claims.push(claim);
  }
  return claims;
}

/** A manifest of the signatures that were there and new ones. Its configuration is an image's, for older readers want one. */
function signatureManifest(
  before: readonly Descriptor[],
  claims: readonly Claim[],
  key: SigningKey,
): { readonly root: Descriptor; readonly source: MemoryBlobs } {
  const source = new MemoryBlobs();
  const added = claims.map((claim) => {
    const payload = writePayload(claim);
    const annotations = { [signatureAnnotation]: signBytes(key, payload).toString("base64") };
    return { ...source.add(simpleSigningType, payload), annotations };
  });
  const layers = [...before, ...added];
  const config = {
    architecture: "",
    os: "",
    created: "0001-01-01T00:00:00Z",
    config: {},
    rootfs: { type: "layers", diff_ids: layers.map(({ digest }) => digest) },
  };
  const manifest: ImageManifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: source.add(mediaTypes.config, JSON.stringify(config)),
    layers,
  };
  return { root: source.add(mediaTypes.manifest, JSON.stringify(manifest)), source };
}
