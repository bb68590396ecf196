import type { KeyObject } from "node:crypto";
import { buffer } from "node:stream/consumers";
import type { Digest } from "../base/digest.ts";
import type { Task } from "../base/event.ts";
import { Failure } from "../base/failure.ts";
import { printableLine } from "../base/printable.ts";
import { formatReference, type Reference, withDefaultTag } from "../oci/reference.ts";
import type { RegistryAccess } from "../oci/registry/connection.ts";
import { listReferrers } from "../oci/registry/referrers.ts";
import { Repository } from "../oci/registry/repository.ts";
import type { Descriptor } from "../oci/image-spec.ts";
import { parseManifest } from "../oci/manifest.ts";
import { bundleType, isAbout, signaturePredicate, verifyBundle } from "../oci/signature/bundle.ts";
import { verifiedClaims } from "../oci/signature/cosign-signature.ts";
import { findImage } from "./find-image.ts";

/** A signature that is the key's and about the image. */
export type VerifiedSignature =
  /** The name that it says the image has. */
  | { readonly form: "cosign"; readonly reference: string }
  | { readonly form: "bundle"; readonly artifact: Digest };

export interface VerifiedImage {
  /** By digest: what was verified, wherever the tag leads later. */
  readonly reference: string;
  readonly digest: Digest;
  readonly signatures: readonly VerifiedSignature[];
  /** What else the key has signed about the image, by its predicate type: provenance, a bill of materials. */
  readonly attestations: readonly { readonly predicateType: string; readonly artifact: Digest }[];
}

/**
 * Looks whether an image of a registry is signed by a key, in either form.
 * @throws Failure image-unsigned, wrong-signature (infrastructure), image-not-found, registry-*.
 */
export async function verifyImage(
  reference: Reference,
  key: KeyObject,
  access: RegistryAccess,
  task: Task,
): Promise<VerifiedImage> {
  const named = withDefaultTag(reference);
  return await task.step("verify", `Verify ${formatReference(named)}`, async (step) => {
    const repository = new Repository(named, { access, rights: "pull" });
    const { descriptor, bytes } = await findImage(repository, named);
    const { digest } = descriptor;
    const cosign = await verifiedClaims(repository, digest, key);
    const name = `${repository.registry}/${repository.name}`;
    const claims = cosign.claims.filter((claim) => isFor(claim.reference, name, named.tag));
    const bundles = await verifiedBundles(repository, digest, bytes, key);
    const signatures: VerifiedSignature[] = [
      ...claims.map((claim) => ({ form: "cosign", reference: claim.reference }) as const),
      ...bundles
        .filter(({ predicateType }) => predicateType === signaturePredicate)
        .map(({ artifact }) => ({ form: "bundle", artifact }) as const),
    ];
    const whole = repository.nameOf(digest);
    if (signatures.length === 0) {
      const others = cosign.claims.map((claim) => printableLine(claim.reference));
      const some = cosign.signatures + (await listReferrers(repository, digest, bundleType)).length;
      throw some === 0 ? unsigned(whole) : wrongSignature(whole, others);
    }
    step.summary = `${signatures.length} ${signatures.length === 1 ? "signature" : "signatures"}`;
    const attestations = bundles.filter(({ predicateType }) => predicateType !== signaturePredicate);
    return { reference: whole, digest, signatures, attestations };
  });
}

/** A signature is for a repository, or for one tag of it (cosign leaves tags out, podman does not). */
function isFor(claimed: string, repository: string, tag: string | null): boolean {
  return (
    claimed === repository ||
    (claimed.startsWith(`${repository}:`) && (tag === null || claimed === `${repository}:${tag}`))
  );
}

/** The bundles attached to an image that are the key's and about it. */
export async function verifiedBundles(
  repository: Repository,
  digest: Digest,
  image: Uint8Array,
  key: KeyObject,
): Promise<VerifiedImage["attestations"]> {
  const verified: { predicateType: string; artifact: Digest }[] = [];
  const referrers = await listReferrers(repository, digest, bundleType);
  for (const referrer of referrers.slice(0, mostBundles)) {
    const bundle = await readBundle(repository, referrer);
    const said = bundle === null ? null : verifyBundle(key, bundle, image);
    if (said === null) continue;
    if (said.kind === "message")
      verified.push({ predicateType: signaturePredicate, artifact: referrer.digest });
    else if (isAbout(said.statement, digest)) {
      verified.push({ predicateType: said.statement.predicateType, artifact: referrer.digest });
    }
  }
  return verified;
}

const mostBundles = 200;
/** Provenance and bills of materials may be long. */
const largestBundleBytes = 32 * 1024 * 1024;

async function readBundle(repository: Repository, referrer: Descriptor): Promise<Uint8Array | null> {
  const manifest = parseManifest(referrer, await repository.readManifest(referrer));
  if (manifest.kind !== "image") return null;
  const layer = manifest.content.layers.find(({ mediaType }) => mediaType === bundleType);
  if (layer === undefined || layer.size > largestBundleBytes) return null;
  return await buffer(await repository.openBlob(layer));
}

function unsigned(name: string): Failure {
  return new Failure("infrastructure", "image-unsigned", `${name} is not signed`, {
    hint: "Sign it with `debkiln image sign`, or check that it is the image that you mean.",
  });
}

function wrongSignature(name: string, others: readonly string[]): Failure {
  const message =
    others.length === 0
      ? `${name} is signed, but not by this key`
      : `${name} is signed by this key, but as ${others.join(", ")}`;
  return new Failure("infrastructure", "wrong-signature", message, {
    hint: "Do not use it unless you know why: it may be somebody else's, or a copy.",
    details: { signedAs: others },
  });
}
