import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { gzipSync, zstdCompressSync } from "node:zlib";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { digestOf } from "../../../../src/base/digest.ts";
import { treeOfImage } from "../../../../src/image/tree/read-layers.ts";
import { readContent, type Tree } from "../../../../src/image/tree/tree.ts";
import { tarOfEntries } from "../../../../src/image/tree/write-tar.ts";
import { type Descriptor, mediaTypes } from "../../../../src/oci/image-spec.ts";
import { type RawMember, rawTar } from "../../oci/raw-tar.ts";
import { sourceOf } from "../../oci/memory-source.ts";
import { arbitraryTree } from "./arbitrary-tree.ts";

let place: string;
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), "debkiln-layers-"));
});
afterEach(async () => {
  await rm(place, { recursive: true });
});

interface Packed {
  readonly tar: Buffer;
  readonly mediaType?: string;
  readonly blob?: Buffer;
}

async function flattened(layers: readonly Packed[]): Promise<Tree> {
  const blobs = layers.map(({ tar, blob }) => blob ?? tar);
  const descriptors = layers.map(({ mediaType = mediaTypes.layer }, at): Descriptor => {
    const blob = blobs[at] ?? Buffer.alloc(0);
    return { mediaType, digest: digestOf(blob), size: blob.length };
  });
  const config = { mediaType: mediaTypes.config, digest: digestOf(""), size: 0 };
  return await treeOfImage(
    sourceOf(blobs),
    {
      manifest: { schemaVersion: 2, config, layers: descriptors },
      config: {
        architecture: "amd64",
        os: "linux",
        rootfs: { type: "layers", diff_ids: layers.map(({ tar }) => digestOf(tar)) },
      },
    },
    await mkdtemp(join(place, "flat-")),
    new AbortController().signal,
  );
}

async function paths(...layers: readonly (readonly RawMember[])[]): Promise<string[]> {
  return [...(await flattened(layers.map((members) => ({ tar: rawTar(members) })))).keys()].toSorted();
}

const dir = (path: string, mode = 0o755): RawMember => ({ path: `${path}/`, flag: "5", mode });

describe("a layer over others", () => {
  test("adds and replaces entries, and keeps what is in directories that it names again", async () => {
    const tree = await flattened([
      { tar: rawTar([dir("usr"), { path: "usr/a", content: "1" }, { path: "usr/b", content: "1" }]) },
      { tar: rawTar([dir("usr", 0o700), { path: "usr/b", content: "22" }, { path: "usr/c" }]) },
    ]);

    expect([...tree.keys()].toSorted()).toEqual(["usr", "usr/a", "usr/b", "usr/c"]);
    expect(tree.get("usr")).toMatchObject({ mode: 0o700 });
    const changed = tree.get("usr/b");
    expect(changed?.type === "file" && (await readContent(changed)).toString()).toBe("22");
  });

  test("removes by whiteouts, also what it then makes anew, but nothing of its own", async () => {
    expect(
      await paths(
        [dir("a"), { path: "a/x" }, { path: "a/y" }, dir("b"), { path: "b/x" }, { path: "c" }],
        [
          dir("a"),
          { path: "a/.wh.x" },
          { path: ".wh.b" },
          dir("b"),
          { path: "b/new" },
          { path: ".wh.c" },
          { path: "c" },
        ],
      ),
    ).toEqual(["a", "a/y", "b", "b/new", "c"]);
  });

  test("hides all that was in an opaque directory, wherever the mark stands", async () => {
    expect(
      await paths(
        [dir("a"), { path: "a/x" }, dir("a/b"), { path: "a/b/y" }, { path: "z" }],
        [dir("a"), { path: "a/new" }, { path: "a/.wh..wh..opq" }, { path: ".wh..wh.aufs" }],
      ),
    ).toEqual(["a", "a/new", "z"]);
    expect(await paths([{ path: "a" }], [{ path: ".wh..wh..opq" }, { path: "b" }])).toEqual(["b"]);
  });

  test("replaces a directory with all below it by what is none, and the other way round", async () => {
    expect(
      await paths([dir("a"), { path: "a/x" }, { path: "b" }], [{ path: "a" }, dir("b"), { path: "b/x" }]),
    ).toEqual(["a", "b", "b/x"]);
  });

  test("makes directories that no layer names, as every unpacker does", async () => {
    const tree = await flattened([{ tar: rawTar([{ path: "usr/bin/a" }]) }]);

    expect(tree.get("usr/bin")).toMatchObject({ type: "directory", mode: 0o755, uid: 0 });
    expect([...tree.keys()].toSorted()).toEqual(["usr", "usr/bin", "usr/bin/a"]);
  });

  test("leaves the other names of a file whose first name goes", async () => {
    const below = [
      { path: "a", content: "one", mode: 0o755 },
      { path: "b", flag: "1", linkTarget: "a" },
      { path: "c", flag: "1", linkTarget: "a" },
    ];
    const removed = await flattened([{ tar: rawTar(below) }, { tar: rawTar([{ path: ".wh.a" }]) }]);
    const replaced = await flattened([
      { tar: rawTar(below) },
      { tar: rawTar([{ path: "a", content: "two" }]) },
    ]);

    for (const tree of [removed, replaced]) {
      const heir = tree.get("b");
      expect(heir?.type === "file" && (await readContent(heir)).toString()).toBe("one");
      expect(heir).toMatchObject({ mode: 0o755, path: "b" });
      expect(tree.get("c")).toMatchObject({ type: "link", target: "b" });
    }
    expect(replaced.get("a")).toMatchObject({ type: "file", sizeBytes: 3, mode: 0o644 });
  });
});

describe("what is refused", () => {
  test.each<[string, RawMember[][], string]>([
    [
      "a hard link into another layer",
      [[{ path: "a" }], [{ path: "b", flag: "1", linkTarget: "a" }]],
      "hard link",
    ],
    [
      "an entry below a symbolic link, which engines take differently",
      [[{ path: "bin", flag: "2", linkTarget: "usr/bin" }], [{ path: "bin/a" }]],
      "bin is no directory",
    ],
    ["a file twice", [[{ path: "a" }, { path: "a" }]], "a twice"],
    ["a whiteout of what is above", [[{ path: "a/.wh..." }]], "whiteout of nothing"],
    [
      "a path longer than Linux takes",
      [[{ flag: "x", content: [["path", "d/".repeat(3000)]] }, dir("d")]],
      "longer",
    ],
  ])("%s", async (_, layers, reason) => {
    await expect(paths(...layers)).rejects.toMatchObject({
      code: "tar-malformed",
      message: expect.stringContaining(reason),
    });
  });

  test.each<[string, Packed, string]>([
    [
      "a damaged gzip",
      { tar: rawTar([]), mediaType: mediaTypes.layerGzip, blob: Buffer.from("no gzip") },
      "bad-layer",
    ],
    [
      "a damaged zstd",
      { tar: rawTar([]), mediaType: mediaTypes.layerZstd, blob: Buffer.from("no zstd") },
      "bad-layer",
    ],
    [
      "a gzip that ends early",
      {
        tar: rawTar([]),
        mediaType: mediaTypes.layerGzip,
        blob: gzipSync(rawTar([{ path: "a" }])).subarray(0, -9),
      },
      "bad-layer",
    ],
    [
      "a zstd that ends early",
      {
        tar: rawTar([]),
        mediaType: mediaTypes.layerZstd,
        blob: zstdCompressSync(rawTar([{ path: "a" }])).subarray(0, -5),
      },
      "bad-layer",
    ],
    ["a layer of another kind", { tar: rawTar([]), mediaType: "application/x-tar" }, "bad-layer"],
    [
      "another tar than the configuration says",
      { tar: rawTar([]), mediaType: mediaTypes.layerGzip, blob: gzipSync(rawTar([{ path: "a" }])) },
      "wrong-digest",
    ],
  ])("%s", async (_, layer, code) => {
    await expect(flattened([layer])).rejects.toMatchObject({ code, fault: "infrastructure" });
  });
});

describe("compressed layers", () => {
  const tar = rawTar([
    { path: "a", content: "x".repeat(300_000) },
    { path: "b", content: "y" },
  ]);
  const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 1, 2]);
  const frames = [0, 1, 511, 512, 60_000].map((start, at, all) =>
    zstdCompressSync(tar.subarray(start, all[at + 1])),
  );

  test.each<[string, string, Buffer]>([
    ["gzip", mediaTypes.layerGzip, gzipSync(tar)],
    ["docker's gzip", "application/vnd.docker.image.rootfs.diff.tar.gzip", gzipSync(tar)],
    [
      "gzip of several members",
      mediaTypes.layerGzip,
      Buffer.concat([gzipSync(tar.subarray(0, 700)), gzipSync(tar.subarray(700))]),
    ],
    ["zstd", mediaTypes.layerZstd, zstdCompressSync(tar)],
    [
      "zstd of many frames, as zstd:chunked has them",
      mediaTypes.layerZstd,
      Buffer.concat([...frames, skippable]),
    ],
  ])("are read: %s", async (_, mediaType, blob) => {
    expect([...(await flattened([{ tar, mediaType, blob }])).keys()]).toEqual(["a", "b"]);
  });
});

test("a tree written as one layer comes back as it was", async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryTree, async (tree) => {
      const tar = await buffer(Readable.from(tarOfEntries(tree.values())));

      const again = await flattened([{ tar, mediaType: mediaTypes.layerZstd, blob: zstdCompressSync(tar) }]);

      expect(await buffer(Readable.from(tarOfEntries(again.values())))).toEqual(tar);
    }),
    { numRuns: 20 },
  );
});
