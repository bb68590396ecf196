import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { buffer, text } from "node:stream/consumers";
import { promisify } from "node:util";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { readTar, type TarMember } from "../../../src/oci/tar-reader.ts";
import { packTar, type TarEntry } from "../../../src/oci/tar.ts";

const run = promisify(execFile);

const owner = { uid: 1000, gid: 1000, mtime: 1_700_000_000 };

function file(
  path: string,
  content: string | Uint8Array,
  fields: Partial<typeof owner & { mode: number }> = {},
): TarEntry {
  const bytes = Buffer.from(content);
  return { ...owner, mode: 0o644, ...fields, type: "file", path, size: bytes.length, content: () => bytes };
}

/** GNU tar's own account of a tar: one line per member. */
async function listWithGnuTar(tar: Readable): Promise<string[]> {
  const gnu = spawn(
    "tar",
    ["--list", "--verbose", "--numeric-owner", "--full-time", "--utc", "--quoting-style=literal"],
    {
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...process.env, LC_ALL: "C.UTF-8" },
    },
  );
  tar.pipe(gnu.stdin);
  const [listing] = await Promise.all([text(gnu.stdout), once(gnu, "close")]);
  expect(gnu.exitCode).toBe(0);
  return listing.split("\n").filter((line) => line !== "");
}

async function readAll(tar: Readable) {
  const members: { header: TarMember["header"]; content: Buffer }[] = [];
  for await (const { header, content } of readTar(tar)) {
    members.push({ header, content: await buffer(Readable.from(content)) });
  }
  return members;
}

test("GNU tar sees names, modes, owners and times as they were given", async () => {
  const entries: TarEntry[] = [
    { ...owner, type: "directory", path: "sl-5.02", mode: 0o755 },
    file("sl-5.02/sl.c", "int main;\n"),
    file("sl-5.02/none", "", { mode: 0 }),
    { ...owner, type: "symlink", path: "sl-5.02/link", mode: 0o777, linkTarget: "../etc/passwd" },
    file("sl-5.02/big-owner", "x", { uid: 3_000_000, gid: 2_000_001 }),
    file("sl-5.02/late", "x", { mtime: 5_000_000_000 }),
    file("sl-5.02/early", "x", { mtime: -86_400 }),
  ];

  const listing = await listWithGnuTar(packTar(entries));

  expect(listing.map((line) => line.replaceAll(/ +/g, " "))).toEqual([
    "drwxr-xr-x 1000/1000 0 2023-11-14 22:13:20 sl-5.02",
    "-rw-r--r-- 1000/1000 10 2023-11-14 22:13:20 sl-5.02/sl.c",
    "---------- 1000/1000 0 2023-11-14 22:13:20 sl-5.02/none",
    "lrwxrwxrwx 1000/1000 0 2023-11-14 22:13:20 sl-5.02/link -> ../etc/passwd",
    "-rw-r--r-- 3000000/2000001 1 2023-11-14 22:13:20 sl-5.02/big-owner",
    "-rw-r--r-- 1000/1000 1 2128-06-11 08:53:20 sl-5.02/late",
    "-rw-r--r-- 1000/1000 1 1969-12-31 00:00:00 sl-5.02/early",
  ]);
});

test("GNU tar unpacks every name and content that was packed", async () => {
  const name = fc.string({
    unit: fc.constantFrom("a", "é", "漢", " ", "-", "\n", "\\", "*", "b".repeat(40)),
    minLength: 1,
    maxLength: 5,
  });
  const files = fc.uniqueArray(fc.tuple(name, fc.uint8Array({ maxLength: 1500 })), {
    selector: ([path]) => path,
    maxLength: 6,
  });
  await fc.assert(
    fc.asyncProperty(files, async (files) => {
      const directory = await mkdtemp(join(tmpdir(), "debkiln-tar-"));
      const entries = files.map(([path, content]) => file(`deep/${"er/".repeat(30)}x${path}`, content));

      const gnu = spawn("tar", ["--extract", "--no-same-owner", "--directory", directory], {
        stdio: ["pipe", "inherit", "inherit"],
      });
      packTar(entries).pipe(gnu.stdin);
      await once(gnu, "close");

      expect(gnu.exitCode).toBe(0);
      for (const [path, content] of files) {
        const unpacked = await readFile(join(directory, `deep/${"er/".repeat(30)}x${path}`));
        expect(unpacked.equals(content)).toBe(true);
      }
      await rm(directory, { recursive: true });
    }),
    { numRuns: 15 },
  );
});

test("what was packed is read back the same, PAX values included", async () => {
  const entries = [
    file("a/b", "hello", { uid: 3_000_000, gid: 4_000_000, mtime: 5_000_000_000.5, mode: 0o4755 }),
    { ...owner, type: "link", path: "hard", mode: 0o644, linkTarget: "a/b" } as const,
  ];

  const members = await readAll(packTar(entries));

  expect(members.map(({ header }) => header)).toMatchObject([
    {
      path: "a/b",
      type: "file",
      uid: 3_000_000,
      gid: 4_000_000,
      mtime: 5_000_000_000.5,
      mode: 0o4755,
      size: 5,
    },
    { path: "hard", type: "link", linkTarget: "a/b", size: 0 },
  ]);
  expect(members[0]?.content.toString()).toBe("hello");
});

test("a tar made by GNU tar is read with its owners and long names", async () => {
  const directory = await mkdtemp(join(tmpdir(), "debkiln-tar-"));
  const long = `${"n".repeat(120)}.txt`;
  await run("sh", ["-c", `cd "$1" && echo hi > "$2" && mkfifo pipe`, "sh", directory, long]);
  const gnu = spawn(
    "tar",
    ["--create", "--format=pax", "--owner=:3000000", "--group=:5", "-C", directory, long, "pipe"],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );

  const members = await readAll(gnu.stdout);
  await rm(directory, { recursive: true });

  expect(members.map(({ header }) => [header.path, header.type, header.uid, header.gid])).toEqual([
    [long, "file", 3_000_000, 5],
    ["pipe", "fifo", 3_000_000, 5],
  ]);
});

test("contents that nobody reads are skipped", async () => {
  const paths: string[] = [];

  for await (const { header, content } of readTar(
    packTar([file("a", "x".repeat(200_000)), file("b", "y".repeat(200_000)), file("c", "")]),
  )) {
    paths.push(header.path);
    if (header.path === "b") for await (const _ of content) break;
  }

  expect(paths).toEqual(["a", "b", "c"]);
});

test("leaving the loop early destroys the stream", async () => {
  const tar = packTar([file("a", "x"), file("b", "y")]);

  for await (const _ of readTar(tar)) break;

  expect(tar.destroyed).toBe(true);
});

test.each([
  ["shorter", "fewer", Buffer.from("abc")],
  ["longer", "more", Buffer.from("abcdefgh")],
])("a file that became %s while it was read is a failure", async (_, how, bytes) => {
  const tar = packTar([{ ...owner, type: "file", path: "f", mode: 0o644, size: 5, content: () => bytes }]);

  await expect(buffer(tar)).rejects.toMatchObject({
    code: "file-changed",
    message: `f changed while it was read: it had ${how} than the 5 bytes it began with`,
  });
});

async function* vanishing(): AsyncGenerator<TarEntry> {
  yield file("a", "x");
  throw new Error("tree vanished");
}

async function* broken(): AsyncGenerator<Uint8Array> {
  yield Buffer.from("x");
  throw new Error("disk fell out");
}

test("a failure of the entries or of a content is the stream's own error", async () => {
  await expect(buffer(packTar(vanishing()))).rejects.toThrow("tree vanished");
  await expect(
    buffer(packTar([{ ...owner, type: "file", path: "f", mode: 0o644, size: 5, content: broken }])),
  ).rejects.toThrow("disk fell out");
});

test("destroying the tar closes the content that is open, even one that gives nothing", async () => {
  const stuck = new PassThrough();
  const opened = Promise.withResolvers<void>();
  const tar = packTar([
    {
      ...owner,
      type: "file",
      path: "f",
      mode: 0o644,
      size: 5,
      content: () => {
        opened.resolve();
        return stuck;
      },
    },
  ]);
  tar.resume();
  await opened.promise;
  const closed = new Promise<void>((resolve) => stuck.once("close", resolve));

  tar.destroy();
  await closed;

  expect(stuck.destroyed).toBe(true);
});

test("no more of a content is read than the reader of the tar takes", async () => {
  let made = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) {
      made += 65_536;
      yield Buffer.alloc(65_536);
    }
  }
  const tar = packTar([
    { ...owner, type: "file", path: "f", mode: 0o644, size: 8 * 2 ** 30, content: endless },
  ]);

  let taken = 0;
  for await (const chunk of tar) {
    taken += Buffer.byteLength(chunk);
    if (taken > 4_000_000) break;
  }

  expect(made - taken).toBeLessThan(1_000_000);
});

test("a tar that ends early is a failure, in the list and in the content", async () => {
  const whole = await buffer(packTar([file("a", "x".repeat(5000))]));

  const reading = readAll(Readable.from([whole.subarray(0, 2000)]));

  await expect(reading).rejects.toMatchObject({ code: "tar-malformed" });
  await expect(readAll(Readable.from([Buffer.alloc(2048, "z")]))).rejects.toMatchObject({
    code: "tar-malformed",
  });
});

test("a stream that is destroyed meanwhile ends the reading with its own error", async () => {
  const whole = await buffer(packTar([file("a", "x".repeat(5000))]));
  const stream = new PassThrough();
  stream.write(whole.subarray(0, 2000));

  const reading = readAll(stream);
  setImmediate(() => stream.destroy(new Error("connection reset")));

  await expect(reading).rejects.toThrow("connection reset");
});

test("a stream that is destroyed before anybody reads it is a failure, too", async () => {
  const stream = new PassThrough();
  stream.on("error", () => undefined).destroy(new Error("connection reset"));
  await new Promise((resolve) => stream.once("close", resolve));

  await expect(readAll(stream)).rejects.toThrow("connection reset");
});
