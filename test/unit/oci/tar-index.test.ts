import { execFile, spawn } from "node:child_process";
import { link, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { digestOf } from "../../../src/base/digest.ts";
import { type IndexedMember, indexTar, writtenTo } from "../../../src/oci/tar-index.ts";
import { rawTar } from "./raw-tar.ts";

const run = promisify(execFile);

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "debkiln-index-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

async function* pieces(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

async function indexed(tar: Uint8Array, pieceLength = 65_536): Promise<IndexedMember[]> {
  return await all(indexTar(pieces(tar, pieceLength)));
}

const longName = `${"deep/".repeat(30)}${"n".repeat(120)}`;

async function makeTree(root: string): Promise<void> {
  await mkdir(join(root, "deep/".repeat(30)), { recursive: true });
  await writeFile(join(root, "plain"), "hello\n", { mode: 0o644 });
  await writeFile(join(root, "empty"), "");
  await writeFile(join(root, "é漢"), "x".repeat(513));
  await writeFile(join(root, longName), "long");
  await link(join(root, "plain"), join(root, "second"));
  await symlink(`../${"target/".repeat(30)}`, join(root, "symbolic"));
  await run("mkfifo", [join(root, "pipe")]);
  await run("chmod", ["4755", join(root, "plain")]);
  await run("touch", ["--date=@-5", join(root, "empty")]);
}

describe("a tar of GNU tar", () => {
  test.each(["pax", "gnu"])(
    "of the %s format is read as it was written, in pieces of any length",
    async (format) => {
      await makeTree(directory);
      const tar = await buffer(
        spawn(
          "tar",
          [
            `--format=${format}`,
            "--sort=name",
            "--owner=:3000000",
            "--group=:7",
            "--create",
            "--directory",
            directory,
            ".",
          ],
          { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, LC_ALL: "C.UTF-8" } },
        ).stdout,
      );

      const members = await indexed(tar);
      const byPath = new Map(members.map((member) => [member.record.path, member]));

      expect(byPath.get("./plain")).toMatchObject({
        record: { type: "file", mode: 0o4755, uid: 3_000_000, gid: 7, sizeBytes: 6 },
        digest: digestOf("hello\n"),
      });
      expect(byPath.get(`./${longName}`)).toMatchObject({
        record: { type: "file" },
        digest: digestOf("long"),
      });
      expect(byPath.get("./é漢")).toMatchObject({ record: { sizeBytes: 513 } });
      expect(byPath.get("./second")).toMatchObject({
        record: { type: "link", linkTarget: "./plain", sizeBytes: 0 },
      });
      expect(byPath.get("./symbolic")).toMatchObject({
        record: { type: "symlink", linkTarget: `../${"target/".repeat(30)}` },
      });
      expect(byPath.get("./pipe")).toMatchObject({ record: { type: "fifo" } });
      expect(byPath.get("./empty")).toMatchObject({ record: { mtime: -5 } });
      for (const { record, offset, digest } of members) {
        expect(digestOf(tar.subarray(offset, offset + record.sizeBytes))).toBe(digest);
      }
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: 3000 }), async (length) => {
          expect(await indexed(tar, length)).toEqual(members);
        }),
        { numRuns: 5 },
      );
    },
  );
});

describe("PAX records", () => {
  const capability = Buffer.from("0100000200040000000000000000000000000000", "hex");

  test("give xattrs as the bytes they are", async () => {
    const tar = rawTar([
      {
        flag: "x",
        content: [
          ["SCHILY.xattr.security.capability", capability],
          ["SCHILY.xattr.user.a%3Db", Buffer.from("\n=")],
        ],
      },
      { path: "ping", content: "x" },
      { path: "plain" },
    ]);

    const [ping, plain] = await indexed(tar);

    expect(Object.keys(ping?.record.xattrs ?? {})).toEqual(["security.capability", "user.a=b"]);
    expect(ping?.record.xattrs["security.capability"]).toEqual(capability);
    expect(ping?.record.xattrs["user.a=b"]).toEqual(Buffer.from("\n="));
    expect(plain?.record.xattrs).toEqual({});
  });

  test("of libarchive's form are decoded", async () => {
    const tar = rawTar([
      { flag: "x", content: [["LIBARCHIVE.xattr.user.a%20b", Buffer.from(capability.toString("base64"))]] },
      { path: "ping" },
    ]);

    expect((await indexed(tar))[0]?.record.xattrs).toEqual({ "user.a b": capability });
  });

  test("that are global count until a member's own say otherwise", async () => {
    const tar = rawTar([
      {
        flag: "g",
        content: [
          ["mtime", "12.5"],
          ["uid", "9"],
        ],
      },
      { path: "a" },
      { flag: "x", content: [["mtime", "13"]] },
      { path: "b" },
    ]);

    expect((await indexed(tar)).map(({ record }) => [record.mtime, record.uid])).toEqual([
      [12.5, 9],
      [13, 9],
    ]);
  });

  test("may hold names that are not UTF-8", async () => {
    const tar = rawTar([{ flag: "x", content: [["path", Buffer.from([0x61, 0xff])]] }, { path: "short" }]);

    expect((await indexed(tar))[0]?.record.path).toBe("a\udcff");
  });
});

describe("what is refused", () => {
  const whole = rawTar([{ path: "a", content: "hello" }]);
  const changed = (at: number, byte: number) => {
    const copy = Buffer.from(whole);
    copy[at] = byte;
    return copy;
  };

  test.each([
    ["nothing at all", Buffer.alloc(0), "ends early"],
    ["an end within a header", whole.subarray(0, 300), "ends early"],
    ["an end within a content", whole.subarray(0, 514), "ends early"],
    ["an end without zero blocks", whole.subarray(0, 1024), "ends early"],
    ["an end with one zero block", whole.subarray(0, 1536), "ends early"],
    ["something after the end", Buffer.concat([whole, whole]), "follows its end"],
    ["a changed header", changed(3, 0x41), "checksum"],
    ["text", Buffer.from("this is not a tar\n".repeat(60)), "no|checksum|number"],
    ["a sparse file of GNU's", rawTar([{ path: "a", flag: "S" }]), "sparse"],
    [
      "a sparse file of PAX",
      rawTar([{ flag: "x", content: [["GNU.sparse.major", "1"]] }, { path: "a" }]),
      "sparse",
    ],
    ["an unknown type", rawTar([{ path: "a", flag: "D" }]), "unknown type"],
    ["a type that every object has", rawTar([{ path: "a", flag: "c" }]), "unknown type"],
    ["content of a directory", rawTar([{ path: "a", flag: "5", content: "x" }]), "which is no file"],
    ["a link to nowhere", rawTar([{ path: "a", flag: "2" }]), "leads nowhere"],
    ["a member without a name", rawTar([{ path: "" }]), "without a name"],
    [
      "a NUL in a name",
      rawTar([{ flag: "x", content: [["path", "a\0b"]] }, { path: "a" }]),
      "without a name",
    ],
    [
      "a size that is no number",
      rawTar([{ flag: "x", content: [["size", "0x10"]] }, { path: "a" }]),
      "no number",
    ],
    [
      "a PAX record of a wrong length",
      rawTar([{ flag: "x", content: Buffer.from("99 a=b\n") }, { path: "a" }]),
      "wrong length",
    ],
    [
      "a PAX record that ends elsewhere",
      rawTar([{ flag: "x", content: Buffer.from("6 a=bc\n") }, { path: "a" }]),
      "wrong length",
    ],
    [
      "a PAX record without a keyword",
      rawTar([{ flag: "x", content: Buffer.from("6 =bc\n") }, { path: "a" }]),
      "without a keyword",
    ],
    [
      "an announced member that does not come",
      rawTar([{ flag: "x", content: [["mtime", "1"]] }]),
      "announced",
    ],
    [
      "an endless extended header",
      rawTar([{ flag: "x", content: Buffer.alloc(1 << 21, "1") }]),
      "absurd size",
    ],
  ])("%s", async (_, tar, reason) => {
    await expect(indexed(tar)).rejects.toMatchObject({
      code: "tar-malformed",
      fault: "infrastructure",
      message: expect.stringMatching(new RegExp(reason)),
    });
  });
});

test("what is read is written to the file as it passes", async () => {
  const tar = rawTar([
    { path: "a", content: "x".repeat(2000) },
    { path: "b", content: "y" },
  ]);
  const file = join(directory, "copy.tar");

  const members = await all(indexTar(writtenTo(file, pieces(tar, 700))));

  expect(members).toHaveLength(2);
  expect(await readFile(file)).toEqual(tar);
});
