import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Task } from "../../../../src/base/event.ts";
import { Failure } from "../../../../src/base/failure.ts";
import { type Opened, openSubject } from "../../../../src/image/lint/open-subject.ts";
import { tarOfEntries } from "../../../../src/image/tree/write-tar.ts";
import { copyImage } from "../../../../src/oci/copy-image.ts";
import { packDockerArchive } from "../../../../src/oci/docker-archive.ts";
import { readGraph } from "../../../../src/oci/image-graph.ts";
import { createLayout } from "../../../../src/oci/layout.ts";
import { packOciArchive } from "../../../../src/oci/oci-archive.ts";
import { imageOfTrees } from "./image-fixture.ts";
import { treeOf } from "./root.ts";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "debkiln-test-"));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

const noEngine = new Failure("infrastructure", "no-engine", "No container engine answers");
const noRegistry = new Failure("infrastructure", "registry-unreachable", "No registry answers");
const signal = new AbortController().signal;

async function open(text: string): Promise<Opened> {
  return await openSubject(text, {
    scratch: await mkdtemp(join(directory, "scratch-")),
    platform: null,
    connect: () => Promise.reject(noEngine),
    registry: () => Promise.reject(noRegistry),
    task: new Task(() => {}, []),
    signal,
  });
}

async function image() {
  return await imageOfTrees([treeOf({ "etc/a": "1" }), treeOf({ "etc/b": "2" })], {
    "containers.bootc": "1",
  });
}

async function layout(path: string, ...names: readonly string[]): Promise<void> {
  const { source, image: descriptor } = await image();
  const written = await createLayout(path);
  await copyImage(source, written, await readGraph(source, descriptor), new Task(() => {}, []), signal);
  for (const name of names) await written.putReference(name, descriptor);
}

test("a directory is a root filesystem", async () => {
  await mkdir(join(directory, "root/etc"), { recursive: true });
  await writeFile(join(directory, "root/etc/a"), "1");

  const opened = await open(join(directory, "root"));

  expect(opened).toMatchObject({ kind: "directory", config: null, image: null });
  expect([...opened.tree.keys()]).toEqual([".", "etc", "etc/a"]);
});

test("a tar of a root filesystem is one, too", async () => {
  const file = join(directory, "root.tar");
  await writeFile(file, await buffer(tarOfEntries(treeOf({ "etc/a": "1" }).values())));

  const opened = await open(file);

  expect(opened).toMatchObject({ kind: "tar", config: null });
  expect([...opened.tree.keys()]).toEqual([".", "etc", "etc/a"]);
});

test.each(["", ":one", "oci:", "oci::one"])("a layout has an image, as %sDIRECTORY", async (form) => {
  const place = join(directory, "image.oci");
  await layout(place, "one");

  const [before, after] = form.startsWith("oci:") ? ["oci:", form.slice(4)] : ["", form];
  const opened = await open(`${before}${place}${after}`);

  expect(opened).toMatchObject({
    kind: "image",
    config: { config: { Labels: { "containers.bootc": "1" } } },
  });
  expect([...opened.tree.keys()].toSorted()).toEqual([".", "etc", "etc/a", "etc/b"]);
});

test.each(["oci-archive", "docker-archive"] as const)(
  "an %s has an image, with and without its transport",
  async (kind) => {
    const { source, image: descriptor } = await image();
    const file = join(directory, "image.tar");
    const packed =
      kind === "oci-archive"
        ? await packOciArchive(source, descriptor, "one")
        : await packDockerArchive(source, descriptor, "one");
    await pipeline(packed, createWriteStream(file));

    for (const text of [file, `${kind}:${file}`, `${kind}:${file}:one`]) {
      const opened = await open(text);

      expect(opened.kind).toBe("image");
      expect([...opened.tree.keys()].toSorted()).toEqual([".", "etc", "etc/a", "etc/b"]);
    }
  },
);

test("a name that a layout does not have is refused", async () => {
  const place = join(directory, "image.oci");
  await layout(place, "trixie");

  await expect(open(`${place}:trixi`)).rejects.toMatchObject({
    code: "no-such-image",
    hint: "Did you mean trixie?",
  });
});

test.each(["./nothing", "/nothing/at/all", "oci-archive:nothing.tar"])("%s is not there", async (text) => {
  await expect(open(text)).rejects.toMatchObject({ code: "subject-missing" });
});

test("a reference is a registry's where no engine is", async () => {
  await expect(open("registry.example/server:1")).rejects.toBe(noRegistry);
  await expect(open("docker://registry.example/server:1")).rejects.toBe(noRegistry);
  await expect(open("containers-storage:server")).rejects.toBe(noEngine);
  await expect(open("localhost/server")).rejects.toBe(noEngine);
  await expect(open("localhost:5000/server")).rejects.toBe(noRegistry);
});

test("what is neither a place nor a reference is refused", async () => {
  await expect(open("Not A Reference")).rejects.toMatchObject({ code: "bad-reference" });
});
