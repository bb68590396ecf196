import { Failure } from "../base/failure.ts";
import { type ImageGraph, readGraph } from "../oci/image-graph.ts";
import type { Descriptor } from "../oci/image-spec.ts";
import type { Layout } from "../oci/layout.ts";
import { planOf } from "./layers/annotations.ts";

/**
 * Removes from a layout what nothing needs any more since other manifests took the place of these. Only what images of
 * debkiln's making were alone in naming: what others put there may be meant to stay, with or without a name. When some
 * manifest that is named cannot be read, all stays. For whoever is the only one that writes to the layout (`writeLayout`). Gives how many blobs were removed, and their bytes.
 */
export async function pruneLayout(
  layout: Layout,
  replaced: readonly Descriptor[],
): Promise<{ readonly blobs: number; readonly bytes: number }> {
  const old = (await Promise.all(replaced.map((each) => graphOf(layout, each)))).filter(isOurs);
  if (old.length === 0) return { blobs: 0, bytes: 0 };
  const { manifests } = await layout.index();
  const left = await Promise.all(manifests.map((each) => graphOf(layout, each)));
  if (left.includes(null)) return { blobs: 0, bytes: 0 };
  const needed = new Set(left.flatMap((each) => partsOf(each)).map(({ digest }) => digest));
  const unneeded = new Map(old.flatMap((each) => partsOf(each)).map((each) => [each.digest, each] as const));
  const removed = [...unneeded.values()].filter(({ digest }) => !needed.has(digest));
  for (const each of removed) await layout.removeBlob(each);
  return { blobs: removed.length, bytes: removed.reduce((sum, { size }) => sum + size, 0) };
}

/** Null for what is damaged, missing, or no image. */
async function graphOf(layout: Layout, root: Descriptor): Promise<ImageGraph | null> {
  try {
    return await readGraph(layout, root);
  } catch (thrown) {
    if (thrown instanceof Failure) return null;
    throw thrown;
  }
}

function isOurs(graph: ImageGraph | null): graph is ImageGraph {
  if (graph === null) return false;
  const images = graph.manifests.flatMap(({ manifest }) =>
    manifest.kind === "image" ? [manifest.content] : [],
  );
  return images.length > 0 && images.every((each) => planOf(each) !== null);
}

function partsOf(graph: ImageGraph | null): readonly Descriptor[] {
  return graph === null ? [] : [...graph.blobs, ...graph.manifests.map(({ descriptor }) => descriptor)];
}
