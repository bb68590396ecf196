import { Failure } from "../base/failure.ts";
import type { Digest } from "../base/digest.ts";
import { type BlobSource, readCheckedManifest } from "./blob-source.ts";
import type { Descriptor, ImageManifest } from "./image-spec.ts";
import { type Manifest, parseManifest } from "./manifest.ts";

/** One manifest or index of an image, with its bytes. */
export interface GraphNode {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
  readonly manifest: Manifest;
}

/** All that an image consists of, each once. */
export interface ImageGraph {
  /** What is named comes before what names it: the root is last. */
  readonly manifests: readonly GraphNode[];
  /** Configurations and layers. */
  readonly blobs: readonly Descriptor[];
}

const mostManifests = 1000;
const deepest = 4;

/** Reads an image's manifests from the root down. @throws Failure bad-manifest, wrong-digest, blob-missing. */
export async function readGraph(source: BlobSource, root: Descriptor): Promise<ImageGraph> {
  const manifests = new Map<Digest, GraphNode>();
  const blobs = new Map<Digest, Descriptor>();
  const visit = async (descriptor: Descriptor, depth: number): Promise<void> => {
    if (manifests.has(descriptor.digest)) return;
    if (depth > deepest || manifests.size >= mostManifests) throw tooLarge(root);
    const bytes = await readCheckedManifest(source, descriptor);
    const manifest = parseManifest(descriptor, bytes);
    if (manifest.kind === "image") for (const each of blobsOf(manifest.content)) blobs.set(each.digest, each);
    else {
      for (const each of manifest.content.manifests) await visit(each, depth + 1);
    }
    manifests.set(descriptor.digest, { descriptor, bytes, manifest });
  };
  await visit(root, 0);
  return { manifests: [...manifests.values()], blobs: [...blobs.values()] };
}

function blobsOf({ config, layers }: ImageManifest): readonly Descriptor[] {
  return [...layers, config];
}

function tooLarge({ digest }: Descriptor): Failure {
  return new Failure("infrastructure", "bad-manifest", `The index ${digest} names more than any image has`, {
    hint: "It is damaged, or made to harm.",
  });
}
