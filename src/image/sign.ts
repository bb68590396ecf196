import type { Digest } from "../base/digest.ts";
import type { Task } from "../base/event.ts";
import { type GraphNode, type ImageGraph, readGraph } from "../oci/image-graph.ts";
import { formatReference, type Reference, withDefaultTag } from "../oci/reference.ts";
import type { RegistryAccess } from "../oci/registry/connection.ts";
import { attachArtifact } from "../oci/registry/referrers.ts";
import { Repository } from "../oci/registry/repository.ts";
import {
  bundleType,
  signaturePredicate,
  signatureStatement,
  signStatement,
} from "../oci/signature/bundle.ts";
import { addSignatures } from "../oci/signature/cosign-signature.ts";
import type { SigningKey } from "../oci/signature/key.ts";
import { findImage } from "./find-image.ts";
import type { Accompany } from "./push.ts";
import { verifiedBundles } from "./verify.ts";

/**
 * In which forms an image is signed: `cosign` is what podman, skopeo and bootc verify by policy.json; `bundle` is sigstore's
 * newer one, which cosign 3 verifies.
 */
export type SignatureForm = "cosign" | "bundle";

export const signatureForms = ["cosign", "bundle"] as const satisfies readonly SignatureForm[];

export interface Signed {
  /** By digest. */
  readonly reference: string;
  /** What was signed: the image, and of several architectures each. */
  readonly manifests: readonly { readonly digest: Digest; readonly added: readonly SignatureForm[] }[];
}

/**
 * Signs an image of a registry, with all its architectures, under the name that was given. What the key has signed already
 * is left as it is.
 * @throws Failure image-not-found, registry-*, wrong-digest (infrastructure).
 */
export async function signImage(
  reference: Reference,
  key: SigningKey,
  forms: readonly SignatureForm[],
  access: RegistryAccess,
  task: Task,
): Promise<Signed> {
  const named = withDefaultTag(reference);
  return await task.step("sign", `Sign ${formatReference(named)}`, async (step) => {
    const repository = new Repository(named, { access, rights: "push" });
    const { descriptor } = await findImage(repository, named);
    const graph = await readGraph(repository, descriptor);
    const tags = named.tag === null ? [] : [named.tag];
    const manifests = await signGraph({ repository, graph, tags }, key, forms, step, access.signal);
    return { reference: repository.nameOf(descriptor.digest), manifests };
  });
}

/** Signs an image while it is pushed, so that no tag leads to it before. */
export function signing(key: SigningKey, forms: readonly SignatureForm[]): Accompany {
  return async (pushed, task, signal) => {
    await task.step("sign", "Sign it", async (step) => {
      await signGraph(pushed, key, forms, step, signal);
    });
  };
}

/** Podman verifies the manifest of its own architecture, too, and not only the index that names it. */
async function signGraph(
  {
    repository,
    graph,
    tags,
  }: { readonly repository: Repository; readonly graph: ImageGraph; readonly tags: readonly string[] },
  key: SigningKey,
  forms: readonly SignatureForm[],
  task: Task,
  signal: AbortSignal,
): Promise<Signed["manifests"]> {
  const signed: { digest: Digest; added: SignatureForm[] }[] = [];
  for (const node of graph.manifests) {
    const { digest } = node.descriptor;
    const added: SignatureForm[] = [];
    const name = `${repository.registry}/${repository.name}`;
    const references = tags.length === 0 ? [name] : tags.map((tag) => `${name}:${tag}`);
    const claims = references.map((reference) => ({ digest, reference }));
    if (forms.includes("cosign") && (await addSignatures(repository, claims, key, task, signal))) {
      added.push("cosign");
    }
    if (forms.includes("bundle") && (await addBundle(repository, node, key, task, signal)))
      added.push("bundle");
    signed.push({ digest, added });
  }
  const count = signed.filter(({ added }) => added.length > 0).length;
  task.summary = count === 0 ? "signed already" : `${count} ${count === 1 ? "manifest" : "manifests"} signed`;
  return signed;
}

async function addBundle(
  repository: Repository,
  { descriptor, bytes }: GraphNode,
  key: SigningKey,
  task: Task,
  signal: AbortSignal,
): Promise<boolean> {
  const { digest } = descriptor;
  const there = await verifiedBundles(repository, digest, bytes, key.publicKey);
  if (there.some(({ predicateType }) => predicateType === signaturePredicate)) return false;
  const bundle = signStatement(key, signatureStatement(digest));
  const artifact = {
    artifactType: bundleType,
    contents: [{ mediaType: bundleType, bytes: bundle }],
    annotations: {
      "dev.sigstore.bundle.content": "dsse-envelope",
      "dev.sigstore.bundle.predicateType": signaturePredicate,
    },
  };
  await attachArtifact(repository, descriptor, artifact, task, signal);
  return true;
}
