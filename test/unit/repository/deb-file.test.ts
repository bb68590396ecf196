import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { digestOf } from "../../../src/base/digest.ts";
import { type DebLimits, readDebFile } from "../../../src/repository/deb-file.ts";
import { makeDeb } from "./packages.ts";

let directory: string;
let plain: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "debkiln-deb-"));
  plain = await makeDeb(directory, { name: "plain", files: { "etc/plain conf": "x", "usr/bin/plain": "y" } });
});

afterAll(() => rm(directory, { recursive: true }));

function read(path: string, bounds?: DebLimits) {
  const { signal } = new AbortController();
  return readDebFile(path, { origin: "x.deb", signal, ...(bounds === undefined ? {} : { bounds }) });
}

/** A .deb of the bytes of another, spoiled. */
async function spoiled(change: (bytes: Buffer) => Buffer): Promise<string> {
  const path = join(directory, "spoiled.deb");
  await writeFile(path, change(await readFile(plain)));
  return path;
}

const refused = { fault: "package", code: "bad-deb" };

describe("reading a .deb", () => {
  test("gives the symbols that it says its libraries have", async () => {
    const symbols = "libx.so.1 libx1 #MINVER#\n x@Base 1.0\n";
    const path = await makeDeb(directory, { name: "libx1", files: { "DEBIAN/symbols": symbols } });

    expect((await read(path)).symbols).toBe(symbols);
    expect((await read(plain)).symbols).toBe("");
  });

  test.each(["xz", "zstd", "gzip", "none"] as const)(
    "that dpkg-deb packed with %s gives what dpkg-deb says of it",
    async (compression) => {
      const fields = ["Source: whole (2:0.9-1)", "Section: misc", "Depends: a (>= 1) | b,", " c"];
      const path = await makeDeb(directory, {
        name: `by-${compression}`,
        version: "2:1.0-1",
        fields,
        compression,
      });

      const found = await read(path);

      const { stdout: depends } = await execa("dpkg-deb", ["-f", path, "Depends"]);
      const { stdout: contents } = await execa("dpkg-deb", ["-c", path]);
      const files = contents.split("\n").filter((line) => !line.startsWith("d"));
      expect(found.package).toMatchObject({
        name: `by-${compression}`,
        version: "2:1.0-1",
        architecture: "amd64",
        source: { name: "whole", version: "2:0.9-1" },
        section: "misc",
        depends: depends.split(/\s+/).join(" "),
      });
      expect(found.paths).toEqual(files.map((line) => line.replace(/^.* \.\//, "")));
      expect(found.sizeBytes).toBe((await stat(path)).size);
      expect(found.sha256).toBe(digestOf(await readFile(path)));
    },
  );

  test("leaves out what only an index may say of it", async () => {
    const fields = ["Filename: ../../etc/passwd", "Size: 1", "SHA256: 00", "X-Own: stays"];
    const path = await makeDeb(directory, { name: "liar", fields });

    const { package: known } = await read(path);

    expect(known.fields.map(([name]) => name)).toEqual([
      "Package",
      "Version",
      "Architecture",
      "Maintainer",
      "X-Own",
      "Description",
    ]);
  });

  test("refuses one that is cut short, wherever that is", async () => {
    const { length } = await readFile(plain);
    const property = fc.asyncProperty(fc.integer({ min: 0, max: length - 2 }), async (at) => {
      await expect(read(await spoiled((bytes) => bytes.subarray(0, at)))).rejects.toMatchObject(refused);
    });

    await fc.assert(property, { numRuns: 25 });
  });

  test("refuses damaged compressed data", async () => {
    const path = await spoiled((bytes) => {
      bytes.fill(0xff, bytes.length - 60, bytes.length - 20);
      return bytes;
    });

    await expect(read(path)).rejects.toMatchObject(refused);
  });

  test.each([
    ["what is no ar archive", () => Buffer.from("hello, world")],
    ["another format", (bytes: Buffer) => replaced(bytes, "2.0\n", "3.0\n")],
    ["a member without a size", (bytes: Buffer) => replaced(bytes, "4         `", "x         `")],
    ["control data under another name", (bytes: Buffer) => replaced(bytes, "control.tar", "kontrol.tar")],
    [
      "a compression that Debian does not have",
      (bytes: Buffer) => replaced(bytes, "data.tar.gz ", "data.tar.br "),
    ],
  ])("refuses %s", async (_, change) => {
    await expect(read(await spoiled(change))).rejects.toMatchObject(refused);
  });

  test("refuses one that unpacks to more than is allowed, in bytes and in names", async () => {
    const bounds: DebLimits = { control: 1e6, data: 1e6, paths: 1e6 };
    const path = await makeDeb(directory, { name: "large", files: { "usr/zero": "\0".repeat(2e6) } });

    await expect(read(path, bounds)).rejects.toMatchObject(refused);
    await expect(read(plain, { ...bounds, paths: 10 })).rejects.toMatchObject(refused);
    await expect(read(plain, { ...bounds, control: 100 })).rejects.toMatchObject(refused);
  });

  test("refuses control data with a name or architecture that leads elsewhere", async () => {
    const tar = await tarWith("Package: a\nVersion: 1\nArchitecture: ../../x\n");
    const path = join(directory, "hostile.deb");
    await writeFile(
      path,
      ar({ "debian-binary": Buffer.from("2.0\n"), "control.tar": tar, "data.tar": await tarWith("") }),
    );

    await expect(read(path)).rejects.toMatchObject({ fault: "package", code: "bad-control-data" });
  });
});

function replaced(bytes: Buffer, from: string, to: string): Buffer {
  return Buffer.from(bytes.toString("latin1").replace(from, to), "latin1");
}

function ar(members: Readonly<Record<string, Buffer>>): Buffer {
  const parts = Object.entries(members).flatMap(([name, bytes]) => [
    Buffer.from(`${name.padEnd(16)}${"0".padEnd(12)}${"0".padEnd(6)}${"0".padEnd(6)}${"100644".padEnd(8)}`),
    Buffer.from(`${String(bytes.length).padEnd(10)}\`\n`),
    bytes,
    Buffer.alloc(bytes.length % 2, "\n"),
  ]);
  return Buffer.concat([Buffer.from("!<arch>\n"), ...parts]);
}

async function tarWith(control: string): Promise<Buffer> {
  await writeFile(join(directory, "control"), control);
  const { stdout } = await execa("tar", ["-c", "-C", directory, "./control"], { encoding: "buffer" });
  return Buffer.from(stdout);
}
