import { execFile } from "node:child_process";
import { createReadStream } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { digestOf } from "../../../../src/base/digest.ts";
import { treeOfTar } from "../../../../src/image/tree/read-tar.ts";
import { readContent, type Tree, type TreeEntry } from "../../../../src/image/tree/tree.ts";
import { tarOfEntries, tarSize } from "../../../../src/image/tree/write-tar.ts";
import { linkTo } from "../../../../src/image/tree/entry.ts";
import { arbitraryTree, directory, file, symlink, treeOf } from "./arbitrary-tree.ts";

const run = promisify(execFile);

let place: string;
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), "debkiln-write-tar-"));
});
afterEach(async () => {
  await rm(place, { recursive: true });
});

async function tarOf(tree: Tree): Promise<Buffer> {
  return await buffer(Readable.from(tarOfEntries(tree.values())));
}

/** An entry with its content in place of where that is. */
async function withContent(entry: TreeEntry): Promise<unknown> {
  return entry.type === "file" ? { ...entry, content: Buffer.from(await readContent(entry)) } : entry;
}

async function whole(tree: Tree): Promise<unknown[]> {
  return await Promise.all([...tree.values()].map(withContent));
}

test("a tree that is written and read again is the same tree", async () => {
  let written = 0;
  await fc.assert(
    fc.asyncProperty(arbitraryTree, async (tree) => {
      const path = join(place, `${written++}.tar`);

      const again = await treeOfTar(Readable.from(tarOfEntries(tree.values())), path);

      expect(await whole(again)).toEqual(await whole(tree));
      expect(digestOf(await tarOf(again))).toBe(digestOf(await readFile(path)));
      expect(tarSize(tree.values())).toBe((await readFile(path)).length);
    }),
    { numRuns: 30 },
  );
});

describe("GNU tar", () => {
  test("sees every member as the tree has it", async () => {
    const long = `${"deep/".repeat(40)}file`;
    const dash = file("usr/bin/dash", "#!", { mode: 0o4755, uid: 3_000_000, gid: 2_097_152 });
    const tree = treeOf([
      dash,
      linkTo(dash, "usr/bin/sh"),
      file(long, "x"),
      file(`p/${"n".repeat(101)}`, "y"),
      file("é", "z", { mtime: -1 }),
      symlink("bin", "usr/bin"),
      directory("tmp", { mode: 0o1777 }),
    ]);
    await writeFile(join(place, "t.tar"), await tarOf(tree));

    const { stdout, stderr } = await run(
      "tar",
      [
        "--list",
        "--verbose",
        "--numeric-owner",
        "--full-time",
        "--utc",
        "--quoting-style=literal",
        "-f",
        join(place, "t.tar"),
      ],
      { env: { ...process.env, LC_ALL: "C.UTF-8" } },
    );

    const lines = stdout.split("\n").map((line) => line.replaceAll(/ +/g, " "));
    expect(stderr).toBe("");
    expect(lines.filter((line) => !line.includes("deep/") || line.endsWith("file"))).toEqual([
      "drwxr-xr-x 0/0 0 1970-01-01 00:00:00 ./",
      "lrwxrwxrwx 0/0 0 2023-11-14 22:13:20 bin -> usr/bin",
      `-rw-r--r-- 0/0 1 2023-11-14 22:13:20 ${long}`,
      "drwxr-xr-x 0/0 0 1970-01-01 00:00:00 p/",
      `-rw-r--r-- 0/0 1 2023-11-14 22:13:20 p/${"n".repeat(101)}`,
      "drwxrwxrwt 0/0 0 1970-01-01 00:00:00 tmp/",
      "drwxr-xr-x 0/0 0 1970-01-01 00:00:00 usr/",
      "drwxr-xr-x 0/0 0 1970-01-01 00:00:00 usr/bin/",
      "-rwsr-xr-x 3000000/2097152 2 2023-11-14 22:13:20 usr/bin/dash",
      "hrwsr-xr-x 3000000/2097152 0 2023-11-14 22:13:20 usr/bin/sh link to usr/bin/dash",
      "-rw-r--r-- 0/0 1 1969-12-31 23:59:59 é",
      "",
    ]);
  });

  test("finds the xattrs", async () => {
    const value = Buffer.from("0100000200040000000000000000000000000000", "hex");
    const tree = treeOf([
      file("ping", "x", { xattrs: { "security.capability": value, "user.z": Buffer.from("=\n") } }),
    ]);
    await writeFile(join(place, "t.tar"), await tarOf(tree));

    const { stdout } = await run("tar", [
      "--list",
      "--xattrs",
      "--xattrs-include=*",
      "-vvf",
      join(place, "t.tar"),
    ]);

    expect(stdout).toMatch(/x: 20 security\.capability\n\s+x: 2 user\.z/);
  });
});

describe("the form", () => {
  test("is plain ustar where that suffices, and ends without padding", async () => {
    const tar = await tarOf(treeOf([file("usr/bin/a", "x")]));

    expect(tar).toHaveLength(512 * (3 + 2 + 2));
    expect(tar.toString("latin1", 257, 265)).toBe("ustar\x0000");
    expect(tar.toString("latin1", 265, 329).replaceAll("\0", "")).toBe("");
  });

  test("has PAX records in the order of their keywords", async () => {
    const tar = await tarOf(
      treeOf([
        file("é", "", {
          uid: 3_000_000,
          xattrs: { "user.b": Buffer.from("1"), "security.a": Buffer.from("2") },
        }),
      ]),
    );

    expect(tar.toString("utf8", 1024, 1536).replaceAll("\0", "")).toBe(
      "29 SCHILY.xattr.security.a=2\n25 SCHILY.xattr.user.b=1\n11 path=é\n15 uid=3000000\n",
    );
  });
});

test("a file that was cut short since is a failure", async () => {
  const content = { from: "file", file: join(place, "short"), offset: 10 } as const;
  await writeFile(content.file, "0123456789abc");
  const entry = { ...file("a", "abcde"), content };

  await expect(tarOf(new Map([["a", entry]]))).rejects.toMatchObject({ code: "file-changed" });
});

test("a device is refused by name", async () => {
  const { content: _, digest: __, sizeBytes: ___, ...rest } = file("dev/null", "");

  await expect(tarOf(new Map([["dev/null", { ...rest, type: "character-device" }]]))).rejects.toMatchObject({
    code: "special-file",
    fault: "package",
    message: "/dev/null is a character device, which no image may hold",
  });
});

test("contents are read from where they lie, whatever the size of files and chunks", async () => {
  await mkdir(join(place, "root"));
  await run("sh", [
    "-c",
    'cd "$1" && for size in 0 1 511 512 513 262143 262144 262145 700000; do head -c $size /dev/urandom > $size; done',
    "sh",
    join(place, "root"),
  ]);
  const gnu = join(place, "gnu.tar");
  await run("tar", ["--create", "--format=pax", "--directory", join(place, "root"), "--file", gnu, "."]);
  const tree = await treeOfTar(createReadStream(gnu), join(place, "copy.tar"));

  await writeFile(join(place, "ours.tar"), await tarOf(tree));
  await run("tar", ["--compare", "--directory", join(place, "root"), "--file", join(place, "ours.tar")]);

  expect(tree.size).toBe(10);
});
