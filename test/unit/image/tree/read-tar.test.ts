import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { treeOfTar } from "../../../../src/image/tree/read-tar.ts";
import { readContent, type Tree } from "../../../../src/image/tree/tree.ts";
import { type RawMember, rawTar } from "../../oci/raw-tar.ts";

const run = promisify(execFile);

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "debkiln-read-tar-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

async function treeOf(members: readonly RawMember[]): Promise<Tree> {
  const chunks = async function* () {
    yield rawTar(members);
  };
  return await treeOfTar(chunks(), join(directory, "tree.tar"));
}

test("a directory packed by GNU tar is a tree, with contents in the written file", async () => {
  const root = join(directory, "root");
  await run("sh", [
    "-c",
    `mkdir -p "$1/usr/bin" && cd "$1" && echo hi > usr/bin/sh && ln usr/bin/sh usr/bin/dash && ln -s usr/bin bin &&
      ln -P bin sbin && chmod 2755 usr`,
    "sh",
    root,
  ]);
  const gnu = spawn("tar", ["--create", "--format=pax", "--xattrs", "--directory", root, "."], {
    stdio: ["ignore", "pipe", "inherit"],
  });

  // A child's output that nobody reads yet is thrown away when the child ends.
  const tree = await treeOfTar(gnu.stdout.pipe(new PassThrough()), join(directory, "tree.tar"));

  expect([...tree.keys()].toSorted()).toEqual([
    ".",
    "bin",
    "sbin",
    "usr",
    "usr/bin",
    "usr/bin/dash",
    "usr/bin/sh",
  ]);
  expect(tree.get("usr")).toMatchObject({ type: "directory", mode: 0o2755 });
  const names = [tree.get("usr/bin/sh"), tree.get("usr/bin/dash")];
  const file = names.find((entry) => entry?.type === "file");
  expect(names.find((entry) => entry?.type === "link")).toMatchObject({
    target: file?.path,
    mode: file?.mode,
  });
  expect(file?.type === "file" && (await readContent(file)).toString()).toBe("hi\n");
  expect([tree.get("bin"), tree.get("sbin")]).toMatchObject([
    { type: "symlink", target: "usr/bin" },
    { type: "symlink", target: "usr/bin" },
  ]);
});

test("a hard link has all that its file has, whatever its own header says", async () => {
  const tree = await treeOf([
    { path: "./a", mode: 0o4755, content: "x" },
    { path: "./b", flag: "1", linkTarget: "./a", mode: 0o600 },
    { path: "./c", flag: "1", linkTarget: "./b" },
  ]);

  expect(tree.get("b")).toMatchObject({ type: "link", target: "a", mode: 0o4755 });
  expect(tree.get("c")).toMatchObject({ type: "link", target: "a" });
});

test.each<[string, RawMember[], string]>([
  ["a path upwards", [{ path: "a/../../b" }], "leaves the tree"],
  ["a link upwards", [{ path: "a", flag: "1", linkTarget: "../b" }], "leaves the tree"],
  ["a hard link to nothing", [{ path: "a", flag: "1", linkTarget: "b" }], "hard link"],
  ["a hard link to itself", [{ path: "a" }, { path: "./a", flag: "1", linkTarget: "a" }], "hard link"],
  [
    "a hard link to a directory",
    [
      { path: "d/", flag: "5" },
      { path: "a", flag: "1", linkTarget: "d" },
    ],
    "hard link",
  ],
  ["a file twice", [{ path: "a" }, { path: "./a" }], "a twice"],
  ["a file in no directory", [{ path: "usr/bin/a" }], "no directory"],
  [
    "a file in a symbolic link",
    [{ path: "bin", flag: "2", linkTarget: "usr" }, { path: "bin/a" }],
    "no directory",
  ],
])("%s is refused", async (_, members, reason) => {
  await expect(treeOf(members)).rejects.toMatchObject({
    code: "tar-malformed",
    message: expect.stringContaining(reason),
  });
});
