import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { digestOf } from "../../../../src/base/digest.ts";
import { Task } from "../../../../src/base/event.ts";
import { placeInitramfs } from "../../../../src/image/finish/kernel.ts";
import {
  type ImageRequest,
  type WrittenImage,
  writeImage,
  writeLayersAhead,
} from "../../../../src/image/layers/write-image.ts";
import type { Tree } from "../../../../src/image/tree/tree.ts";
import { Store } from "../../../../src/store/store.ts";
import { file } from "../tree/arbitrary-tree.ts";
import { dpkgTree } from "./dpkg-tree.ts";

const packages = Array.from({ length: 30 }, (_, at) => ({ name: `pkg${at}`, list: [`/usr/bin/pkg${at}`] }));
const root = dpkgTree(packages, [
  ...packages.map(({ name }, at) => file(`usr/bin/${name}`, `${name} `.repeat(20_000 + at))),
  file("usr/lib/modules/7.2/vmlinuz", "kernel"),
]);
const bytes = Buffer.from("initramfs");
const initramfs = {
  content: { from: "bytes", bytes },
  sizeBytes: bytes.length,
  digest: digestOf(bytes),
} as const;

const requestOf = (tree: Tree): ImageRequest => ({
  tree,
  config: { architecture: "amd64", os: "linux", config: {} },
  annotations: {},
  budget: 96,
  compression: "zstd",
  previous: null,
});

async function newContext() {
  const place = await mkdtemp(join(tmpdir(), "debkiln-ahead-"));
  onTestFinished(() => rm(place, { recursive: true }));
  return { store: new Store(place), signal: new AbortController().signal };
}

test("what is written while the initramfs is made is found, and only the rest is made", async () => {
  const context = await newContext();
  const whole = placeInitramfs(root, initramfs, { epoch: 1 });
  const write = async (into: typeof context): Promise<WrittenImage> =>
    writeImage(requestOf(whole), into, new Task(() => {}, []));

  await writeLayersAhead(requestOf(root), context);
  const image = await write(context);

  const made = image.layers.filter(({ origin }) => origin === "made");
  expect(made.map(({ planned }) => planned.components)).toEqual([["system:initramfs"]]);
  expect(image.descriptor).toEqual((await write(await newContext())).descriptor);
});
