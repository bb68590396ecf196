import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { digestOf } from "../../../../src/base/digest.ts";
import type { Tree } from "../../../../src/image/tree/tree.ts";
import { tarOfEntries } from "../../../../src/image/tree/write-tar.ts";
import { type Descriptor, mediaTypes } from "../../../../src/oci/image-spec.ts";
import { Memory } from "../../oci/registry/image-fixture.ts";

/** An image in memory that has a layer, compressed by gzip, of each tree. */
export async function imageOfTrees(
  trees: readonly Tree[],
  labels: Readonly<Record<string, string>> = {},
): Promise<{ readonly source: Memory; readonly image: Descriptor }> {
  const source = new Memory();
  const tars = await Promise.all(trees.map((tree) => buffer(tarOfEntries(tree.values()))));
  const layers = tars.map((tar) => source.add(mediaTypes.layerGzip, gzipSync(tar)));
  const config = {
    architecture: "amd64",
    os: "linux",
    config: { Labels: labels },
    rootfs: { type: "layers", diff_ids: tars.map(digestOf) },
  };
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: source.add(mediaTypes.config, JSON.stringify(config)),
    layers,
  };
  return { source, image: source.add(mediaTypes.manifest, JSON.stringify(manifest)) };
}
