import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { zstdDecompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { digestOf } from "../../../src/base/digest.ts";
import { compressLayers } from "../../../src/oci/compress-layers.ts";
import { mediaTypes } from "../../../src/oci/image-spec.ts";
import { MemoryBlobs } from "../../../src/oci/memory-blobs.ts";
import { readImage } from "../../../src/oci/read-image.ts";
import { unpackLayers } from "../../../src/oci/unpack-layers.ts";
import { withLabels } from "../../../src/oci/with-labels.ts";

const layer = Buffer.from("not quite a tar ".repeat(1000));

async function image() {
  const source = new MemoryBlobs();
  const config = source.add(
    mediaTypes.config,
    JSON.stringify({
      architecture: "amd64",
      os: "linux",
      author: "me",
      config: { Cmd: ["sh"], Labels: { old: "1" } },
      rootfs: { type: "layers", diff_ids: [digestOf(layer)] },
    }),
  );
  const layers = [source.add(mediaTypes.layer, layer)];
  const manifest = source.add(mediaTypes.manifest, JSON.stringify({ schemaVersion: 2, config, layers }));
  return { source, image: await readImage(source, manifest) };
}

test("an image gets other labels, and stays what it is otherwise", async () => {
  const before = await image();

  const { source, image: descriptor } = withLabels(before.source, before.image, { new: "2" });

  const after = await readImage(source, descriptor);
  expect(after.config).toEqual({ ...before.image.config, config: { Cmd: ["sh"], Labels: { new: "2" } } });
  expect(after.manifest.layers).toEqual(before.image.manifest.layers);
  const layers = after.manifest.layers.map(async (each) => buffer(await source.openBlob(each)));
  expect(await Promise.all(layers)).toEqual([layer]);
});

test("layers are compressed, and come out as they were", async () => {
  const before = await image();
  const scratch = await mkdtemp(join(tmpdir(), "debkiln-test-"));
  try {
    const after = await compressLayers(before.source, before.image, scratch, new AbortController().signal);

    const [only] = after.image.manifest.layers;
    if (only === undefined) throw new Error("no layer");
    const bytes = await buffer(await after.source.openBlob(only));
    expect(only).toEqual({ mediaType: mediaTypes.layerZstd, digest: digestOf(bytes), size: bytes.length });
    expect(zstdDecompressSync(bytes)).toEqual(layer);
    expect(await readImage(after.source, after.image.descriptor)).toEqual(after.image);
    expect(
      (await compressLayers(after.source, after.image, scratch, new AbortController().signal)).image,
    ).toEqual(after.image);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
});

test("compressed layers are unpacked to what they were, and refused when they are not what the image says", async () => {
  const before = await image();
  const scratch = await mkdtemp(join(tmpdir(), "debkiln-test-"));
  const { signal } = new AbortController();
  try {
    const packed = await compressLayers(before.source, before.image, scratch, signal);

    const after = await unpackLayers(packed.source, packed.image, scratch, signal);

    const [only] = after.image.manifest.layers;
    if (only === undefined) throw new Error("no layer");
    expect(only).toEqual({ mediaType: mediaTypes.layer, digest: digestOf(layer), size: layer.length });
    expect(await buffer(await after.source.openBlob(only))).toEqual(layer);
    expect(await readImage(after.source, after.image.descriptor)).toEqual(after.image);
    const rootfs = { type: "layers", diff_ids: [digestOf("another")] } as const;
    const lying = {
      ...packed.image,
      config: { ...packed.image.config, rootfs: { ...rootfs, diff_ids: [...rootfs.diff_ids] } },
    };
    const elsewhere = await mkdtemp(join(scratch, "lying-"));
    await expect(unpackLayers(packed.source, lying, elsewhere, signal)).rejects.toMatchObject({
      code: "wrong-digest",
    });
  } finally {
    await rm(scratch, { recursive: true });
  }
});
