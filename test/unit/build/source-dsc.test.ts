import { appendFile, cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Task } from "../../../src/base/event.ts";
import { Failure } from "../../../src/base/failure.ts";
import { downloadDsc } from "../../../src/build/source/download.ts";
import { openDsc } from "../../../src/build/source/dsc.ts";
import { readTar } from "../../../src/oci/tar-reader.ts";
import { writeDsc } from "./source-fixture.ts";

let pristine: string;
let parent: string;
let path: string;

beforeAll(async () => {
  pristine = await mkdtemp(join(tmpdir(), "debkiln-dsc-"));
  await writeDsc(pristine);
});

afterAll(() => rm(pristine, { recursive: true }));

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "debkiln-source-"));
  path = join(parent, "hello_1.0-1.dsc");
  await cp(pristine, parent, { recursive: true });
});

afterEach(() => rm(parent, { recursive: true }));

const owner = { uid: 3_000_000, gid: 1001 };

describe("a .dsc", () => {
  test("does not come out with other bytes than those that were verified", async () => {
    const source = await openDsc(path);
    const tarball = join(parent, "hello_1.0.orig.tar.gz");
    const bytes = await readFile(tarball);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    await writeFile(tarball, bytes);

    await expect(buffer(source.tar(owner))).rejects.toMatchObject({ code: "checksum-mismatch" });
  });

  test("is opened with its files, which come out as they are", async () => {
    const source = await openDsc(path);
    const headers = [];
    for await (const { header } of readTar(source.tar(owner))) headers.push(header);

    expect(source).toMatchObject({
      layout: "dsc",
      dscName: "hello_1.0-1.dsc",
      treeName: "hello-1.0",
      directory: null,
      origTarballs: ["hello_1.0.orig.tar.gz"],
      package: { name: "hello", version: "1.0-1" },
    });
    expect(headers.map((header) => [header.path, header.type, header.uid])).toEqual([
      ["hello_1.0-1.dsc", "file", 3_000_000],
      ["hello_1.0.orig.tar.gz", "file", 3_000_000],
      ["hello_1.0-1.debian.tar.xz", "file", 3_000_000],
    ]);
  });

  test.each([
    ["is missing", (file: string) => rm(file), "source-file-missing"],
    ["has more bytes", (file: string) => appendFile(file, "x"), "checksum-mismatch"],
    [
      "has other bytes",
      async (file: string) => writeFile(file, Buffer.alloc((await readFile(file)).length)),
      "checksum-mismatch",
    ],
    [
      "is a directory",
      async (file: string) => {
        await rm(file);
        await mkdir(file);
      },
      "source-file-missing",
    ],
  ])("is refused when one of its files %s", async (_, harm, code) => {
    await harm(join(parent, "hello_1.0.orig.tar.gz"));

    await expect(openDsc(path)).rejects.toMatchObject({ fault: "package", code });
  });

  test.each(["../hello_1.0.orig.tar.gz", "/etc/passwd", "..", ".hidden", "a/b"])(
    "that names a file %s is refused",
    async (name) => {
      await writeFile(path, (await readFile(path, "utf8")).replaceAll("hello_1.0.orig.tar.gz", name));

      await expect(openDsc(path)).rejects.toMatchObject({ code: "unsafe-file-name" });
    },
  );

  test("that is empty or no control data is refused", async () => {
    await writeFile(path, "");

    await expect(openDsc(path)).rejects.toMatchObject({ fault: "package" });
  });
});

/** A server that has the files of a directory, changed by `change`. */
function server(directory: string, change: (bytes: Buffer, name: string) => Buffer = (bytes) => bytes) {
  return async (address: string) => {
    const name = new URL(address).pathname.replace("/pool/", "");
    try {
      return Readable.from([change(await readFile(join(directory, name)), name)]);
    } catch (cause) {
      throw new Failure("infrastructure", "not-found", `${address}: 404`, {
        hint: "Check the URL.",
        cause,
      });
    }
  };
}

function zeros(): Promise<Readable> {
  return Promise.resolve(Readable.from(endless()));
}

async function* endless(): AsyncGenerator<Uint8Array> {
  for (;;) yield Buffer.alloc(65_536);
}

describe("a .dsc from a URL", () => {
  const url = "https://mirror.example/pool/hello_1.0-1.dsc";
  const task = new Task(() => undefined, []);
  const signal = new AbortController().signal;

  let target: string;

  beforeEach(async () => {
    target = join(parent, "target");
    await mkdir(target);
  });

  test("with an address that cannot be decoded is refused", async () => {
    const fetched = downloadDsc("https://mirror.example/%zz.dsc", target, {
      download: server(parent),
      signal,
      task,
    });

    await expect(fetched).rejects.toMatchObject({ fault: "usage", code: "bad-uri" });
  });

  test("is fetched with its files, verified, and can be opened", async () => {
    const fetched = await downloadDsc(url, target, { download: server(parent), signal, task });

    const source = await openDsc(fetched);

    expect(fetched).toBe(join(target, "hello_1.0-1.dsc"));
    expect((await buffer(source.tar(owner))).length).toBeGreaterThan(1024);
  });

  test.each([
    ["other bytes", (bytes: Buffer) => Buffer.alloc(bytes.length)],
    ["fewer bytes", (bytes: Buffer) => bytes.subarray(1)],
    ["more bytes", (bytes: Buffer) => Buffer.concat([bytes, bytes])],
  ])("whose tarball comes with %s is refused", async (_, change) => {
    const download = server(parent, (bytes, name) => (name.endsWith(".dsc") ? bytes : change(bytes)));

    await expect(downloadDsc(url, target, { download, signal, task })).rejects.toMatchObject({
      code: "checksum-mismatch",
    });
  });

  test("whose tarball is not there gives the server's answer", async () => {
    await rm(join(parent, "hello_1.0.orig.tar.gz"));

    await expect(downloadDsc(url, target, { download: server(parent), signal, task })).rejects.toMatchObject({
      code: "not-found",
    });
  });

  test("that never ends, or is larger than allowed, is refused", async () => {
    await expect(downloadDsc(url, target, { download: zeros, signal, task })).rejects.toMatchObject({
      code: "source-too-large",
    });
    await expect(
      downloadDsc(url, target, { download: server(parent), signal, task, limitBytes: 1000 }),
    ).rejects.toMatchObject({ code: "source-too-large" });
  });
});
