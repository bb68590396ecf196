import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { digestOf, hexOf } from "../../../src/base/digest.ts";
import { Task } from "../../../src/base/event.ts";
import { annotationsOf } from "../../../src/image/layers/annotations.ts";
import { saveImage } from "../../../src/image/save.ts";
import { type Descriptor, mediaTypes } from "../../../src/oci/image-spec.ts";
import { createLayout } from "../../../src/oci/layout.ts";
import { whileLocked } from "../../../src/store/kernel-lock.ts";
import { sourceOf } from "../oci/memory-source.ts";

let place: string;
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), "debkiln-prune-"));
});
afterEach(() => rm(place, { recursive: true }));

interface Made {
  readonly descriptor: Descriptor;
  readonly bytes: readonly Buffer[];
}

function descriptorOf(bytes: Buffer, mediaType: string): Descriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.length };
}

/** An image of these layers, as debkiln or somebody else makes one. */
function imageOf(texts: readonly string[], maker: "debkiln" | "another" = "debkiln"): Made {
  const layers = texts.map((text) => Buffer.from(text));
  const config = Buffer.from(
    JSON.stringify({
      architecture: "amd64",
      os: "linux",
      rootfs: { type: "layers", diff_ids: layers.map(digestOf) },
    }),
  );
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      config: descriptorOf(config, mediaTypes.config),
      layers: layers.map((bytes, at) => ({
        ...descriptorOf(bytes, mediaTypes.layer),
        ...(maker === "debkiln"
          ? { annotations: annotationsOf({ name: `${at}`, components: [`${at}`] }) }
          : {}),
      })),
    }),
  );
  return {
    descriptor: descriptorOf(manifest, mediaTypes.manifest),
    bytes: [...layers, config, manifest],
  };
}

async function save(
  { descriptor, bytes }: Made,
  name: string | null = null,
  task = new Task(() => {}, []),
): Promise<void> {
  const saved = { source: sourceOf(bytes), image: descriptor };
  await saveImage(saved, { kind: "layout", directory: place, name }, task, new AbortController().signal);
}

async function blobs(): Promise<readonly string[]> {
  return (await readdir(join(place, "blobs", "sha256"))).toSorted();
}

function names(...made: readonly Made[]): readonly string[] {
  return [...new Set(made.flatMap(({ bytes }) => bytes.map((each) => hexOf(digestOf(each)))))].toSorted();
}

test("an image that is written over another leaves nothing of it but what they share", async () => {
  await save(imageOf(["shared", "old"]));
  const next = imageOf(["shared", "new"]);

  await save(next);

  expect(await blobs()).toEqual(names(next));
});

test("what images of other names need stays", async () => {
  const [first, other, next] = [imageOf(["a", "b"]), imageOf(["b", "c"]), imageOf(["d"])];
  await save(first, "first");
  await save(other, "other");

  await save(next, "first");

  expect(await blobs()).toEqual(names(other, next));
});

test("images that others made stay, and so do blobs that no index names", async () => {
  const theirs = imageOf(["a"], "another");
  const stray = Buffer.from("being written by somebody else");
  await save(theirs);
  const layout = await createLayout(place);
  await layout.putBlob(descriptorOf(stray, mediaTypes.layer), sourceOf([stray]));
  const ours = imageOf(["b"]);
  await save(ours);

  expect(await blobs()).toEqual([...names(theirs, ours), hexOf(digestOf(stray))].toSorted());
});

test("nothing goes while the layout names a manifest that is not there", async () => {
  const first = imageOf(["a"]);
  await save(first, "first");
  await save(imageOf(["b"]), "damaged");
  await (await createLayout(place)).removeBlob(imageOf(["b"]).descriptor);

  await save(imageOf(["c"]), "first");

  expect(await blobs()).toEqual(expect.arrayContaining([...names(first)]));
});

test("the same image again changes nothing", async () => {
  const image = imageOf(["a", "b"]);
  await save(image);
  await save(image);

  expect(await blobs()).toEqual(names(image));
});

test("whoever writes waits for who writes already, and then finds what that one left", async () => {
  const [first, next] = [imageOf(["shared", "old"]), imageOf(["shared", "new"])];
  await save(first, "a");
  const { promise: waits, resolve } = Promise.withResolvers<void>();
  const task = new Task(({ type }) => type === "note" && resolve(), []);

  const begun = await whileLocked(place, { signal: new AbortController().signal }, async () => {
    const saving = save(next, "b", task);
    await waits;
    const layout = await createLayout(place);
    await layout.putReference(null, first.descriptor);
    for (const bytes of first.bytes) await layout.removeBlob(descriptorOf(bytes, mediaTypes.layer));
    expect(await blobs()).toEqual([]);
    return [saving];
  });
  await Promise.all(begun);

  expect(await blobs()).toEqual(names(next));
});

test("of many that write at once each one's image is named, and all of it is there", async () => {
  const images = Array.from({ length: 6 }, (_, at) => imageOf(["shared", `own ${at}`]));

  await Promise.all(images.map((each, at) => save(each, `name ${at}`)));

  expect((await (await createLayout(place)).index()).manifests).toHaveLength(images.length);
  expect(await blobs()).toEqual(names(...images));
});
