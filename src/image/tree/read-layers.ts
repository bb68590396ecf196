import { join } from "node:path";
import { hexOf } from "../../base/digest.ts";
import type { BlobSource } from "../../oci/blob-source.ts";
import { openLayer } from "../../oci/open-layer.ts";
import type { ReadImage } from "../../oci/read-image.ts";
import { indexTar, writtenTo } from "../../oci/tar-index.ts";
import { diskFailure } from "../../store/disk.ts";
import { LayerContent, applyLayer } from "./apply-layer.ts";
import type { Tree } from "./tree.ts";

/**
 * The root filesystem that an image's layers make, one over the other, as engines mount it. Each layer's tar is written to
 * the directory, where the tree's contents then are.
 * @throws Failure bad-layer, wrong-digest, tar-malformed, disk-full (infrastructure), and what the source raises.
 */
export async function treeOfImage(
  source: BlobSource,
  image: Pick<ReadImage, "manifest" | "config">,
  directory: string,
  signal: AbortSignal,
): Promise<Tree> {
  let tree: Tree = new Map();
  for (const [at, layer] of image.manifest.layers.entries()) {
    signal.throwIfAborted();
    const diffId = image.config.rootfs.diff_ids[at] ?? layer.digest;
    const file = join(directory, `${at}-${hexOf(diffId).slice(0, 12)}.tar`);
    const content = new LayerContent(file);
    try {
      for await (const member of indexTar(writtenTo(file, openLayer(source, layer, diffId)))) {
        signal.throwIfAborted();
        content.add(member);
      }
    } catch (thrown) {
      throw diskFailure(thrown, directory);
    }
    tree = applyLayer(tree, content);
  }
  return tree;
}
