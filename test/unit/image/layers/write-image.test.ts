import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { digestOf } from "../../../../src/base/digest.ts";
import { type Event, Task } from "../../../../src/base/event.ts";
import { Failure } from "../../../../src/base/failure.ts";
import { componentsOf } from "../../../../src/image/layers/components.ts";
import {
  type ImageRequest,
  type WrittenImage,
  writeImage,
} from "../../../../src/image/layers/write-image.ts";
import { treeOfImage } from "../../../../src/image/tree/read-layers.ts";
import type { Tree } from "../../../../src/image/tree/tree.ts";
import { readImage } from "../../../../src/oci/read-image.ts";
import { Store } from "../../../../src/store/store.ts";
import { arbitraryTree, directory, file, symlink, treeOf } from "../tree/arbitrary-tree.ts";
import { essence } from "../tree/essence.ts";
import { dpkgTree } from "./dpkg-tree.ts";

let place: string;
let stores = 0;
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), "debkiln-image-"));
});
afterEach(async () => {
  await rm(place, { recursive: true });
});

function newStore(): Store {
  return new Store(join(place, `store-${stores++}`));
}

async function written(
  tree: Tree,
  {
    store = newStore(),
    events = [] as Event[],
    ...request
  }: Partial<ImageRequest> & { store?: Store; events?: Event[] } = {},
): Promise<WrittenImage> {
  const task = new Task((event) => events.push(event), []);
  const whole: ImageRequest = {
    tree,
    config: {
      created: "2026-01-01T00:00:00Z",
      architecture: "amd64",
      os: "linux",
      config: { Labels: { a: "b" } },
    },
    annotations: { "org.opencontainers.image.version": "1" },
    budget: 96,
    compression: "zstd",
    previous: null,
    ...request,
  };
  return await writeImage(whole, { store, signal: new AbortController().signal }, task);
}

async function flattened(image: WrittenImage): Promise<Tree> {
  const directory = await mkdtemp(join(place, "flat-"));
  const read = await readImage(image.source, image.descriptor);
  return await treeOfImage(image.source, read, directory, new AbortController().signal);
}

const packages = Array.from({ length: 30 }, (_, at) => ({ name: `pkg${at}`, list: [`/usr/bin/pkg${at}`] }));

/** A tree of 30 packages, one of which may have other content. */
function system(changed: string | null = null, version = "1"): Tree {
  return dpkgTree(packages, [
    ...packages.map(({ name }, at) =>
      file(`usr/bin/${name}`, name === changed ? `changed ${version}` : `${name} `.repeat(20_000 + at), {
        mtime: 1_600_000_000 + at,
      }),
    ),
    file("etc/passwd", "root:x:0:0::/root:/bin/sh\n"),
    symlink("bin", "usr/bin"),
    directory("tmp", { mode: 0o1777 }),
  ]);
}

test("the layers of any tree, put over each other again, are the tree", async () => {
  const store = newStore();
  await fc.assert(
    fc.asyncProperty(arbitraryTree, fc.nat(), async (tree, seed) => {
      // Every path of a package of its own, or of none.
      const names = [...tree.keys()].filter((path) => path.isWellFormed() && !path.includes("\n"));
      const packages = names.map((path, at) => ({ name: `pkg${(at * 7 + seed) % 9}`, list: [`/${path}`] }));
      const merged = [...Map.groupBy(packages, ({ name }) => name)].map(([name, parts]) => ({
        name,
        list: parts.flatMap(({ list }) => list),
      }));
      const whole = new Map([...dpkgTree(merged, [], { home: "var/lib/dpkg" }), ...tree]);
      const components = (await componentsOf(whole)).map(({ name }) => name);

      const image = await written(whole, { store, budget: 8 + (seed % 20) });

      expect(image.layers.flatMap(({ planned }) => planned.components).toSorted()).toEqual(
        components.toSorted(),
      );
      const expected = await essence(whole);
      const found = await essence(await flattened(image));
      expect(found.map(withoutTime)).toEqual(expected.map(withoutTime));
    }),
    { numRuns: 25 },
  );
});

function withoutTime(entry: unknown): unknown {
  return { ...Object(entry), mtime: 0 };
}

test("times of packages' files are kept, and what was generated is as old as the newest of them", async () => {
  const image = await flattened(
    await written(
      dpkgTree(
        [{ name: "python3.13", list: ["/usr/lib/python3/a.py", "/usr/lib/python3/b.py"] }],
        [
          file("usr/lib/python3/a.py", "a", { mtime: 1000 }),
          file("usr/lib/python3/b.py", "b", { mtime: 2000 }),
          file("usr/lib/python3/__pycache__/a.cpython-313.pyc", "c", { mtime: 9_999_999 }),
          file("usr/lib/udev/hwdb.bin", "d", { mtime: 9_999_999 }),
          file("etc/hosts", "e", { mtime: 5000 }),
          directory("usr/lib/python3", { mtime: 12_345 }),
        ],
      ),
    ),
  );
  const times = Object.fromEntries([...image].map(([path, { mtime }]) => [path, mtime]));

  expect(times).toMatchObject({
    "usr/lib/python3/a.py": 1000,
    "usr/lib/python3/b.py": 2000,
    "usr/lib/python3/__pycache__/a.cpython-313.pyc": 2000,
    "usr/lib/udev/hwdb.bin": 0,
    "etc/hosts": 5000,
    "usr/lib/python3": 0,
    usr: 0,
  });
});

describe("the same tree", () => {
  test("gives the same image, whatever the store has and the order of entries", async () => {
    const store = newStore();
    const first = await written(system(), { store });
    const again = await written(system(), { store });
    const elsewhere = await written(new Map([...system()].toReversed()));

    expect(again.descriptor).toEqual(first.descriptor);
    expect(elsewhere.descriptor).toEqual(first.descriptor);
    expect(again.layers.every(({ origin }) => origin === "stored")).toBe(true);
  });

  test("is compressed by gzip on request, to the same diff ids", async () => {
    const zstd = await written(system());
    const gzip = await written(system(), { compression: "gzip" });

    expect(gzip.config.rootfs).toEqual(zstd.config.rootfs);
    expect(gzip.manifest.layers[0]?.mediaType).toBe("application/vnd.oci.image.layer.v1.tar+gzip");
    expect(await essence(await flattened(gzip))).toEqual(await essence(await flattened(zstd)));
  });

  test("makes blobs anew that the store has lost", async () => {
    const store = newStore();
    const first = await written(system(), { store });
    await rm(join(store.directory, "blobs"), { recursive: true });

    const again = await written(system(), { store });

    expect(again.descriptor).toEqual(first.descriptor);
    const content = (await essence(await flattened(again))).map(withoutTime);
    expect(content).toEqual((await essence(system())).map(withoutTime));
  });
});

async function previousOf(image: WrittenImage) {
  return { image: await readImage(image.source, image.descriptor), source: image.source };
}

describe("after an image", () => {
  test("only the layers of what changed are made", async () => {
    const store = newStore();
    const before = await written(system(), { store });
    const previous = await previousOf(before);

    const after = await written(system("pkg3"), { store, previous });

    const made = after.layers.filter(({ origin }) => origin === "made");
    expect(made.map(({ planned }) => planned.components.includes("pkg3"))).toEqual([true]);
    expect(after.layers).toHaveLength(before.layers.length);
    expect(after.plan.origin).toBe("kept");
  });

  test("layers that hosts have are used again, also from elsewhere and compressed otherwise", async () => {
    const before = await written(system());
    const old = await previousOf(before);
    // As though another version of the compressor had made it.
    const [first, ...others] = old.image.manifest.layers;
    const foreign = {
      mediaType: first?.mediaType ?? "",
      digest: digestOf("foreign"),
      size: 7,
      annotations: first?.annotations ?? {},
    };
    const manifest = { ...old.image.manifest, layers: [foreign, ...others] };

    const after = await written(system("pkg3"), { previous: { ...old, image: { ...old.image, manifest } } });

    const reused = after.layers.filter(({ origin }) => origin === "previous").length;
    expect(reused).toBe(before.layers.length - 1);
    expect(after.manifest.layers.map(({ digest }) => digest)).toContain(digestOf("foreign"));
    // The blobs are read from where the image before is.
    const second = after.manifest.layers.find(({ digest }) => digest === others[0]?.digest);
    expect(second && (await buffer(await after.source.openBlob(second))).length).toBe(second?.size);
  });

  test("layers of another compression are not used", async () => {
    const previous = await previousOf(await written(system(), { compression: "gzip" }));

    const after = await written(system(), { previous });

    expect(after.layers.every(({ origin }) => origin === "made")).toBe(true);
  });

  test("new packages have their own layer, and stay in it", async () => {
    const more = new Map([
      ...system(),
      ...dpkgTree([...packages, { name: "fresh", list: ["/usr/bin/fresh"] }], [file("usr/bin/fresh", "x")]),
    ]);
    const first = await written(system());

    const second = await written(more, { previous: await previousOf(first) });
    const third = await written(more, { previous: await previousOf(second) });

    expect(second.layers.find(({ planned }) => planned.name === "new")?.planned.components).toEqual([
      "fresh",
    ]);
    expect(third.descriptor).toEqual(second.descriptor);
  });

  test("that is not ours, layers are divided afresh, and the user is told", async () => {
    const previous = await previousOf(await written(system()));
    const layers = previous.image.manifest.layers.map(({ mediaType, digest, size }) => ({
      mediaType,
      digest,
      size,
    }));
    const events: Event[] = [];

    const after = await written(system(), {
      previous: {
        ...previous,
        image: { ...previous.image, manifest: { ...previous.image.manifest, layers } },
      },
      events,
    });

    expect(after.plan.origin).toBe("fresh");
    expect(events.filter(({ type }) => type === "warning")).toMatchObject([
      { message: expect.stringContaining("not layered by debkiln") },
    ]);
  });
});

test("manifest and configuration tell of each layer", async () => {
  const image = await written(system());
  const { manifest, config } = image;

  expect(config.history).toHaveLength(manifest.layers.length);
  expect(config.history?.at(-1)).toEqual({
    created: "2026-01-01T00:00:00Z",
    created_by: "debkiln: last",
    comment: "system:dpkg, system:rest",
  });
  expect(manifest.layers.at(-1)?.annotations).toEqual({
    "debkiln.layer": "last",
    "debkiln.components": "system:dpkg,system:rest",
  });
  expect(image.descriptor.platform).toEqual({ architecture: "amd64", os: "linux" });
  expect(JSON.parse(Buffer.from(await image.source.readManifest(image.descriptor)).toString())).toEqual(
    manifest,
  );
});

describe("a failure", () => {
  test("leaves nothing unfinished behind", async () => {
    const store = newStore();
    await mkdir(store.directory, { recursive: true });
    const content = { from: "file", file: join(place, "short"), offset: 0 } as const;
    await writeFile(content.file, "short");
    const tree = new Map([...system(), ["opt/cut", { ...file("opt/cut", "longer than it is"), content }]]);

    await expect(written(tree, { store })).rejects.toMatchObject({ code: "file-changed" });

    expect(await readdir(join(store.directory, "tmp"))).toEqual([]);
  });

  test("of the user's making is told as that", async () => {
    const task = new Task(() => {}, []);
    const signal = AbortSignal.abort(new Failure("interrupted", "interrupted", "Interrupted by the test"));

    const writing = writeImage(
      {
        tree: system(),
        config: { architecture: "amd64", os: "linux" },
        annotations: {},
        budget: 20,
        compression: "gzip",
        previous: null,
      },
      { store: newStore(), signal },
      task,
    );

    await expect(writing).rejects.toMatchObject({ code: "interrupted" });
  });
});

test("zstd blobs are one frame each, since bootc reads no more", async () => {
  const store = newStore();
  const image = await written(
    treeOf([file("opt/large", Buffer.alloc(3_000_000, "debkiln ")), file("a", "b")]),
    { store },
  );

  for (const { descriptor, diffId } of image.layers) {
    const blob = await readFile(store.blobPath(descriptor.digest));
    // Node reads one frame and leaves the rest.
    expect(digestOf(zstdDecompressSync(blob))).toBe(diffId);
    const second = Buffer.concat([blob, zstdCompressSync("more")]);
    expect(digestOf(zstdDecompressSync(second))).toBe(diffId);
    expect(blob.lastIndexOf(Buffer.from([0x28, 0xb5, 0x2f, 0xfd]))).toBe(0);
  }
});
