import { mkdir, mkdtemp, readFile, readdir, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { digestOf, hexOf } from "../../../src/base/digest.ts";
import { type Descriptor, mediaTypes } from "../../../src/oci/image-spec.ts";
import { createLayout, openLayout } from "../../../src/oci/layout.ts";
import { readImage } from "../../../src/oci/read-image.ts";
import { sourceOf } from "./memory-source.ts";

let place: string;
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), "debkiln-layout-"));
});
afterEach(async () => {
  await rm(place, { recursive: true });
});

function descriptorOf(bytes: Uint8Array, mediaType: string = mediaTypes.layer): Descriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.length };
}

function typeOf(bytes: Buffer): string {
  return bytes.includes('"manifests"') ? mediaTypes.index : mediaTypes.manifest;
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

const layer = Buffer.from("a layer's bytes");
const config = json({
  architecture: "amd64",
  os: "linux",
  rootfs: { type: "layers", diff_ids: [digestOf(layer)] },
});
const manifest = json({
  schemaVersion: 2,
  mediaType: mediaTypes.manifest,
  config: descriptorOf(config, mediaTypes.config),
  layers: [descriptorOf(layer)],
});
const image = descriptorOf(manifest, mediaTypes.manifest);

async function written(directory: string) {
  const layout = await createLayout(directory);
  const source = sourceOf([layer, config], 4);
  for (const blob of [descriptorOf(layer), descriptorOf(config)]) await layout.putBlob(blob, source);
  await layout.putManifest(image, manifest);
  await layout.putReference("debian:trixie", { ...image, platform: { os: "linux", architecture: "amd64" } });
  return layout;
}

test("what is put into a layout is read from it again", async () => {
  await written(join(place, "image"));
  const layout = await openLayout(join(place, "image"));

  const { manifests } = await layout.index();
  const [found] = manifests;
  const read = await readImage(layout, found ?? image);

  expect(found).toMatchObject({
    ...image,
    annotations: { "org.opencontainers.image.ref.name": "debian:trixie" },
  });
  expect(read.config.architecture).toBe("amd64");
  expect(await buffer(await layout.openBlob(descriptorOf(layer)))).toEqual(layer);
  expect(await buffer(await layout.openBlob(descriptorOf(layer), 8))).toEqual(layer.subarray(8));
  expect((await readdir(join(place, "image"))).toSorted()).toEqual(["blobs", "index.json", "oci-layout"]);
});

test("a name that is put again leads to the new manifest, and other names stay", async () => {
  const layout = await written(place);
  const other = descriptorOf(json({ schemaVersion: 2 }), mediaTypes.manifest);
  await layout.putReference("other", image);

  await layout.putReference("debian:trixie", other);

  const named = (await layout.index()).manifests.map(({ digest, annotations }) => [
    annotations?.["org.opencontainers.image.ref.name"],
    digest,
  ]);
  expect(named).toEqual([
    ["other", image.digest],
    ["debian:trixie", other.digest],
  ]);
});

test("without a name a manifest is the only one", async () => {
  const layout = await written(place);

  await layout.putReference(null, image);

  expect((await layout.index()).manifests).toEqual([image]);
});

describe("a blob that is not what its descriptor says", () => {
  test.each([
    ["other bytes", Buffer.from("a layer's BYTES")],
    ["more bytes", Buffer.from("a layer's bytes and more")],
    ["fewer bytes", Buffer.from("a layer's")],
  ])("is not taken in: %s", async (_, bytes) => {
    const layout = await createLayout(place);
    const lying = {
      ...sourceOf([]),
      openBlob: async () => await sourceOf([bytes]).openBlob(descriptorOf(bytes)),
    };

    await expect(layout.putBlob(descriptorOf(layer), lying)).rejects.toMatchObject({ code: "wrong-digest" });

    expect(await layout.hasBlob(descriptorOf(layer))).toBe(false);
    expect((await readdir(place)).toSorted()).toEqual(["blobs", "index.json", "oci-layout"]);
  });

  test("is not given out either", async () => {
    const layout = await written(place);
    const path = join(place, "blobs/sha256", hexOf(digestOf(layer)));
    await writeFile(path, "a layer's BYTES");
    await expect(buffer(await layout.openBlob(descriptorOf(layer)))).rejects.toMatchObject({
      code: "wrong-digest",
    });

    await truncate(path, 3);
    await expect(layout.openBlob(descriptorOf(layer))).rejects.toMatchObject({ code: "wrong-digest" });
    expect(await layout.hasBlob(descriptorOf(layer))).toBe(false);

    await rm(path);
    await expect(layout.openBlob(descriptorOf(layer))).rejects.toMatchObject({ code: "blob-missing" });
  });

  test("nor is a manifest", async () => {
    const layout = await written(place);
    await writeFile(join(place, "blobs/sha256", hexOf(image.digest)), "{}");

    await expect(readImage(layout, image)).rejects.toMatchObject({ code: "wrong-digest" });
    await expect(layout.putManifest(image, json({}))).rejects.toMatchObject({ code: "wrong-digest" });
  });
});

describe("what is no layout is refused:", () => {
  test.each<[string, Readonly<Record<string, string>>, RegExp]>([
    ["nothing", {}, /no file "oci-layout"/],
    ["another version", { "oci-layout": '{"imageLayoutVersion":"2.0.0"}' }, /image-spec/],
    ["no index", { "oci-layout": '{"imageLayoutVersion":"1.0.0"}', "index.json": "[]" }, /image-spec/],
    [
      "an index with a digest that leads elsewhere",
      {
        "oci-layout": '{"imageLayoutVersion":"1.0.0"}',
        "index.json":
          '{"schemaVersion":2,"manifests":[{"mediaType":"x","digest":"sha256:../../etc/passwd","size":1}]}',
      },
      /not a sha256 digest/,
    ],
    [
      "an endless index",
      { "oci-layout": '{"imageLayoutVersion":"1.0.0"}', "index.json": " ".repeat(5_000_000) },
      /larger than/,
    ],
  ])("%s", async (_, files, message) => {
    for (const [name, text] of Object.entries(files)) await writeFile(join(place, name), text);

    const reading = openLayout(place).then((layout) => layout.index());

    await expect(reading).rejects.toMatchObject({
      code: "bad-layout",
      fault: "usage",
      message: expect.stringMatching(message),
    });
  });

  test("a directory with other things in it is not written to", async () => {
    await mkdir(join(place, "photos"));

    await expect(createLayout(place)).rejects.toMatchObject({ code: "bad-layout" });

    expect(await readdir(place)).toEqual(["photos"]);
  });

  test("one that was left unfinished is written on", async () => {
    await mkdir(join(place, "blobs/sha256"), { recursive: true });
    await writeFile(join(place, ".partial-1-00"), "");

    await written(place);

    expect(JSON.parse(await readFile(join(place, "oci-layout"), "utf8"))).toEqual({
      imageLayoutVersion: "1.0.0",
    });
  });
});

describe("the reading of images", () => {
  const arm = descriptorOf(
    json({ ...JSON.parse(manifest.toString()), annotations: { for: "arm64" } }),
    mediaTypes.manifest,
  );
  const armBytes = json({ ...JSON.parse(manifest.toString()), annotations: { for: "arm64" } });
  const index = (manifests: readonly Descriptor[]) =>
    json({ schemaVersion: 2, mediaType: mediaTypes.index, manifests });
  const amd64 = { ...image, platform: { os: "linux", architecture: "amd64" } };
  const arm64 = { ...arm, platform: { os: "linux", architecture: "arm64" } };
  const attestation = { ...image, platform: { os: "unknown", architecture: "unknown" } };

  test("chooses the platform's manifest of an index, past attestations", async () => {
    const bytes = index([attestation, amd64, arm64]);
    const source = sourceOf([bytes, manifest, armBytes, config]);

    const read = await readImage(source, descriptorOf(bytes, mediaTypes.index), { architecture: "arm64" });

    expect(read.manifest.annotations).toEqual({ for: "arm64" });
    await expect(readImage(source, descriptorOf(bytes, mediaTypes.index))).rejects.toMatchObject({
      code: "no-such-platform",
      message: "The image is for several architectures: unknown, amd64, arm64",
    });
  });

  test("takes a manifest by itself for no other platform than its own", async () => {
    const source = sourceOf([manifest, config]);

    const read = await readImage(source, image, { architecture: "amd64" });

    expect(read.config.architecture).toBe("amd64");
    await expect(readImage(source, image, { architecture: "arm64" })).rejects.toMatchObject({
      code: "no-such-platform",
      message: "The image is not for arm64",
      hint: "Name one with --arch: it has amd64.",
    });
  });

  test("takes the only image of an index", async () => {
    const bytes = index([attestation, arm64]);

    const read = await readImage(sourceOf([bytes, armBytes, config]), descriptorOf(bytes, mediaTypes.index));

    expect(read.descriptor.digest).toBe(arm.digest);
  });

  test.each<[string, Buffer, string]>([
    ["text", Buffer.from("hello"), "bad-manifest"],
    ["a manifest without layers", json({ schemaVersion: 2, config: descriptorOf(config) }), "bad-manifest"],
    ["an index of nothing", index([]), "no-such-platform"],
    [
      "a manifest with fewer diff ids than layers",
      json({
        schemaVersion: 2,
        config: descriptorOf(config),
        layers: [descriptorOf(layer), descriptorOf(layer)],
      }),
      "bad-image",
    ],
    [
      "a manifest with a configuration of absurd size",
      json({ schemaVersion: 2, config: { ...descriptorOf(config), size: 1e10 }, layers: [] }),
      "bad-image",
    ],
  ])("refuses %s", async (_, bytes, code) => {
    await expect(
      readImage(sourceOf([bytes, config]), descriptorOf(bytes, typeOf(bytes))),
    ).rejects.toMatchObject({ code });
  });

  test("refuses indices without end", async () => {
    const levels = [index([amd64])];
    for (let level = 0; level < 5; level++) {
      levels.push(index([descriptorOf(levels.at(-1) ?? manifest, mediaTypes.index)]));
    }

    const reading = readImage(
      sourceOf([...levels, manifest, config]),
      descriptorOf(levels.at(-1) ?? manifest, mediaTypes.index),
    );

    await expect(reading).rejects.toMatchObject({ code: "bad-image" });
  });
});
