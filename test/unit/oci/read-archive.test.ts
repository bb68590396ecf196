import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { packDockerArchive } from "../../../src/oci/docker-archive.ts";
import { imageOf } from "../../../src/oci/layout-image.ts";
import { packOciArchive } from "../../../src/oci/oci-archive.ts";
import { type Archive, indexFile, openArchive } from "../../../src/oci/read-archive.ts";
import { readImage } from "../../../src/oci/read-image.ts";
import { imageOfTrees } from "../image/lint/image-fixture.ts";
import { treeOf } from "../image/lint/root.ts";
import { type RawMember, rawTar } from "./raw-tar.ts";

let directory: string;
let file: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "debkiln-test-"));
  file = join(directory, "archive.tar");
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

async function open(): Promise<Archive | null> {
  return await openArchive(file, await indexFile(file, new AbortController().signal));
}

async function opened(): Promise<Archive> {
  const archive = await open();
  if (archive === null) throw new Error("no archive of images");
  return archive;
}

const fixture = () => imageOfTrees([treeOf({ a: "1" }), treeOf({ b: "2" })]);

describe("an archive with an OCI layout", () => {
  test("gives the image that was packed, blob by blob", async () => {
    const { source, image } = await fixture();
    await pipeline(await packOciArchive(source, image, "trixie"), createWriteStream(file));

    const archive = await opened();

    const found = await imageOf(archive, "trixie");
    expect(found.digest).toBe(image.digest);
    const { manifest, config } = await readImage(archive, found);
    expect(config.rootfs.diff_ids).toHaveLength(2);
    for (const layer of manifest.layers) {
      const bytes = await buffer(await archive.openBlob(layer));
      expect(`sha256:${createHash("sha256").update(bytes).digest("hex")}`).toBe(layer.digest);
      expect(await buffer(await archive.openBlob(layer, 10))).toEqual(bytes.subarray(10));
      expect(await buffer(await archive.openBlob(layer, layer.size))).toHaveLength(0);
    }
  });

  test("has no image of another name", async () => {
    const { source, image } = await fixture();
    await pipeline(await packOciArchive(source, image, "trixie"), createWriteStream(file));

    await expect(imageOf(await opened(), "sid")).rejects.toMatchObject({ code: "no-such-image" });
  });

  test("does not believe blobs that have other bytes than their names say", async () => {
    const hex = "0".repeat(64);
    const manifest = { mediaType: "x", digest: `sha256:${hex}`, size: 3 } as const;
    await writeMembers([
      { path: "oci-layout", content: '{"imageLayoutVersion":"1.0.0"}' },
      { path: "index.json", content: JSON.stringify({ schemaVersion: 2, manifests: [manifest] }) },
      { path: `blobs/sha256/${hex}`, content: "abc" },
    ]);

    await expect((await opened()).readManifest(manifest)).rejects.toMatchObject({ code: "blob-missing" });
  });
});

describe("an archive of docker's", () => {
  test("gives the image that was packed, its layers uncompressed", async () => {
    const { source, image } = await fixture();
    const packed = await packDockerArchive(source, image, "registry.example/server:1");
    await pipeline(packed, createWriteStream(file));

    const archive = await opened();

    const found = await imageOf(archive, "registry.example/server:1");
    const { manifest, config } = await readImage(archive, found);
    expect(manifest.layers.map(({ digest }) => digest)).toEqual(config.rootfs.diff_ids);
    expect((await imageOf(archive, null)).digest).toBe(found.digest);
  });

  test("may have links for layers that are there already, and several names for an image", async () => {
    const config = {
      architecture: "amd64",
      os: "linux",
      rootfs: { type: "layers", diff_ids: [zeros, zeros] },
    };
    const list = [{ Config: "c.json", RepoTags: ["a:1", "b:2"], Layers: ["1/layer.tar", "2/layer.tar"] }];
    await writeMembers([
      { path: "1/layer.tar", content: "layer" },
      { path: "2/layer.tar", flag: "2", linkTarget: "../1/layer.tar" },
      { path: "c.json", content: JSON.stringify(config) },
      { path: "manifest.json", content: JSON.stringify(list) },
    ]);

    const archive = await opened();

    const { manifest } = await readImage(archive, await imageOf(archive, null));
    expect(manifest.layers[0]).toEqual(manifest.layers[1]);
    expect((await imageOf(archive, "b:2")).digest).toBe((await imageOf(archive, "a:1")).digest);
  });

  test.each([
    ["that lacks a layer", [{ Config: "manifest.json", Layers: ["nothing.tar"] }], "it lacks nothing.tar"],
    ["whose list is none", { Config: "x" }, "its manifest.json is not what it should be"],
  ])("is refused %s", async (_, list, reason) => {
    await writeMembers([{ path: "manifest.json", content: JSON.stringify(list) }]);

    await expect(open()).rejects.toMatchObject({
      code: "bad-archive",
      message: expect.stringContaining(reason),
    });
  });
});

test("another tar is no archive of images", async () => {
  await writeMembers([{ path: "etc/passwd", content: "root" }]);

  expect(await open()).toBeNull();
});

const zeros = `sha256:${"0".repeat(64)}`;

async function writeMembers(members: readonly RawMember[]): Promise<void> {
  await writeFile(file, rawTar(members));
}
