import { join } from "node:path";
import { type Digest, hexOf } from "../../base/digest.ts";
import type { BlobSource } from "../../oci/blob-source.ts";
import type { Descriptor } from "../../oci/image-spec.ts";
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
  return await new LayerReader(directory, signal).treeOf(source, image);
}

/** Reads images of which some may have layers in common: each layer is read once. */
export class LayerReader {
  private readonly directory: string;
  private readonly signal: AbortSignal;
  private readonly known = new Map<Digest, LayerContent>();

  /** @param directory where the layers' tars are written to; for the caller to remove. */
  constructor(directory: string, signal: AbortSignal) {
    this.directory = directory;
    this.signal = signal;
  }

  /** As `treeOfImage`. */
  async treeOf(
    source: BlobSource,
    { manifest, config }: Pick<ReadImage, "manifest" | "config">,
  ): Promise<Tree> {
    let tree: Tree = new Map();
    for (const [at, layer] of manifest.layers.entries()) {
      const diffId = config.rootfs.diff_ids[at] ?? layer.digest;
      const content = this.known.get(diffId) ?? (await this.read(source, layer, diffId));
      this.known.set(diffId, content);
      tree = applyLayer(tree, content);
    }
    return tree;
  }

  private async read(source: BlobSource, layer: Descriptor, diffId: Digest): Promise<LayerContent> {
    const file = join(this.directory, `layer-${hexOf(diffId)}.tar`);
    const content = new LayerContent(file);
    try {
      for await (const member of indexTar(writtenTo(file, openLayer(source, layer, diffId)))) {
        this.signal.throwIfAborted();
        content.add(member);
      }
    } catch (thrown) {
      throw diskFailure(thrown, this.directory);
    }
    return content;
  }
}
