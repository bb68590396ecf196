import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Task } from "../../../../src/base/event.ts";
import { Failure } from "../../../../src/base/failure.ts";
import { diffImages } from "../../../../src/image/diff/diff-images.ts";
import { inspectImage } from "../../../../src/image/diff/inspect.ts";
import { writeImage } from "../../../../src/image/layers/write-image.ts";
import { openImage } from "../../../../src/image/open-image.ts";
import { saveImage } from "../../../../src/image/save.ts";
import type { Tree } from "../../../../src/image/tree/tree.ts";
import { Store } from "../../../../src/store/store.ts";
import { dpkgTree } from "../layers/dpkg-tree.ts";
import { rawTar } from "../../oci/raw-tar.ts";
import { file } from "../tree/arbitrary-tree.ts";

const task = new Task(() => {}, []);
const { signal } = new AbortController();

let place: string;
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), "debkiln-diff-"));
});
afterEach(async () => {
  await rm(place, { recursive: true });
});

async function save(tree: Tree, directory: string, name: string | null): Promise<void> {
  const image = await writeImage(
    {
      tree,
      config: { architecture: "amd64", os: "linux", config: { Labels: { "containers.bootc": "1" } } },
      annotations: {},
      budget: 20,
      compression: "zstd",
      previous: null,
    },
    { store: new Store(join(place, "store")), signal },
    task,
  );
  const saved = { source: image.source, image: image.descriptor };
  await saveImage(saved, { kind: "layout", directory, name }, task, signal);
}

function system(version: string): Tree {
  return dpkgTree(
    [
      { name: "curl", version, list: ["/usr/bin/curl"] },
      { name: "sed", list: ["/usr/bin/sed"] },
    ],
    [
      file("usr/bin/curl", `curl ${version}`.repeat(150_000)),
      file("usr/bin/sed", "sed".repeat(500_000)),
      file("etc/x", ""),
    ],
  );
}

function open(text: string) {
  return openImage(text, {
    scratch: place,
    platform: null,
    signal,
    connect: () => Promise.reject(new Failure("infrastructure", "no-engine", "No engine is here")),
    registry: () => Promise.reject(new Failure("infrastructure", "registry-denied", "No registry was meant")),
  });
}

test("two images of layouts are compared in packages, files and layers", async () => {
  const layout = join(place, "server.oci");
  await save(system("1.0-1"), layout, "one");
  await save(system("1.0-2"), layout, "two");

  const difference = await diffImages(
    await open(`${layout}:one`),
    await open(`oci:${layout}:two`),
    { scratch: await mkdtemp(join(place, "scratch-")), signal },
    task,
  );

  expect(difference.packages).toMatchObject([
    { name: "curl", before: "1.0-1", after: "1.0-2", direction: "upgraded" },
  ]);
  expect(difference.files).toEqual([
    { path: "usr/bin/curl", change: "changed", aspects: ["content"] },
    { path: "usr/lib/sysimage/dpkg/status", change: "changed", aspects: ["content"] },
  ]);
  expect(difference.layers.added.map(({ name }) => name)).toEqual(["source:curl", "last"]);
  expect(difference.layers.kept).toBe(1);
  expect(difference.layers.fetchBytes).toBeLessThan(difference.layers.totalBytes);
});

test("an image is told of by its manifest and configuration", async () => {
  const layout = join(place, "server.oci");
  await save(system("1.0-1"), layout, null);

  const { image } = await open(layout);

  expect(inspectImage(image, [])).toMatchObject({
    digest: image.descriptor.digest,
    architecture: "amd64",
    labels: { "containers.bootc": "1" },
    isPlanned: true,
    layers: [{ name: "source:curl", components: ["curl"] }, { name: "source:sed" }, { name: "last" }],
  });
});

test("images are found in archives too", async () => {
  const layout = join(place, "server.oci");
  await save(system("1.0-1"), layout, null);
  const { source, image } = await open(layout);
  const saved = { source, image: image.descriptor };
  const file = join(place, "server.tar");
  await saveImage(saved, { kind: "oci-archive", file, name: null }, task, signal);

  expect((await open(file)).image).toEqual(image);
  expect((await open(`oci-archive:${file}`)).image).toEqual(image);
});

test("what has no transport is a registry's when no engine has it", async () => {
  await expect(open("registry.example/server")).rejects.toMatchObject({ code: "registry-denied" });
});

test.each([
  ["an archive that is not there", "oci-archive:nowhere", "subject-missing"],
  ["a layout that is not there", "oci:nowhere", "bad-layout"],
  ["a path to nothing", "./nowhere", "subject-missing"],
  ["a directory with something else", ".", "bad-layout"],
])("what is no image is refused: %s", async (_, text, code) => {
  await expect(open(text)).rejects.toMatchObject({ code, fault: "usage" });
});

test("a tar of something else is refused", async () => {
  await writeFile(join(place, "root.tar"), rawTar([{ path: "etc/hosts" }]));

  await expect(open(join(place, "root.tar"))).rejects.toMatchObject({ code: "bad-archive" });
});

test("an image that is not in the layout is refused by name", async () => {
  await save(system("1"), join(place, "a"), "server");

  await expect(open(`${join(place, "a")}:sever`)).rejects.toMatchObject({
    code: "no-such-image",
    hint: "Did you mean server?",
  });
});
