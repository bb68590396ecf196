import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Task } from "../../../../src/base/event.ts";
import { type SetMember, imageSet } from "../../../../src/image/build/image-set.ts";
import { writeImage } from "../../../../src/image/layers/write-image.ts";
import { ImageIndex } from "../../../../src/oci/image-spec.ts";
import { readImage } from "../../../../src/oci/read-image.ts";
import { Store } from "../../../../src/store/store.ts";
import { file, treeOf } from "../tree/arbitrary-tree.ts";

let place: string;
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), "debkiln-set-"));
});
afterEach(async () => {
  await rm(place, { recursive: true });
});

/** An image in a store of its own, as that of another machine would be. */
async function built(architecture: string): Promise<SetMember> {
  const { source, ...image } = await writeImage(
    {
      tree: treeOf([file("usr/bin/hello", `for ${architecture}`)]),
      config: { architecture, os: "linux" },
      annotations: {},
      budget: 8,
      compression: "zstd",
      previous: null,
    },
    { store: new Store(join(place, architecture)), signal: new AbortController().signal },
    new Task(() => {}, []),
  );
  return { image, source, plan: { annotations: { "org.opencontainers.image.version": "1" } } };
}

describe("what a build comes to", () => {
  test("is an index that leads to each architecture's image and its layers", async () => {
    const members = await Promise.all([built("amd64"), built("arm64")]);
    const { descriptor, source } = await imageSet(new Store(join(place, "set")), members);
    const index = ImageIndex.parse(JSON.parse(Buffer.from(await source.readManifest(descriptor)).toString()));

    expect(index.annotations).toEqual({ "org.opencontainers.image.version": "1" });
    expect(index.manifests.map(({ platform }) => platform)).toEqual([
      { architecture: "amd64", os: "linux" },
      { architecture: "arm64", os: "linux" },
    ]);
    for (const [at, architecture] of ["amd64", "arm64"].entries()) {
      const { config, manifest } = await readImage(source, descriptor, { architecture });
      const [layer] = manifest.layers;
      expect(config.architecture).toBe(architecture);
      expect(manifest).toEqual(members[at]?.image.manifest);
      expect(layer === undefined ? 0 : (await buffer(await source.openBlob(layer))).length).toBe(layer?.size);
    }
  });

  test("is the same index in whatever order they were built, and when they are built again", async () => {
    const members = await Promise.all([built("amd64"), built("arm64")]);
    const again = await Promise.all([built("arm64"), built("amd64")]);
    const store = new Store(join(place, "set"));

    const first = await imageSet(store, members);
    const second = await imageSet(store, again);

    expect(second.descriptor).toEqual(first.descriptor);
  });

  test("is the image itself when there is one", async () => {
    const member = await built("amd64");

    expect(await imageSet(new Store(join(place, "set")), [member])).toEqual({
      descriptor: member.image.descriptor,
      source: member.source,
    });
  });
});
