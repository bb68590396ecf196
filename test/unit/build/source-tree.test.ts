import { execFile } from "node:child_process";
import { appendFile, chmod, link, mkdtemp, rename, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openTree } from "../../../src/build/source/tree.ts";
import { readTar, type TarHeader } from "../../../src/oci/tar-reader.ts";
import { helloFiles, writeTree } from "./source-fixture.ts";

const run = promisify(execFile);

let parent: string;
let tree: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "debkiln-source-"));
  tree = join(parent, "hello");
});

afterEach(() => rm(parent, { recursive: true }));

const owner = { uid: 3_000_000, gid: 1001 };

async function headersOf(tar: Readable): Promise<TarHeader[]> {
  const headers = [];
  for await (const { header } of readTar(tar)) headers.push(header);
  return headers;
}

async function pathsOf(directory: string): Promise<string[]> {
  const headers = await headersOf((await openTree(directory)).tar(owner));
  return headers.map(({ path }) => path);
}

describe("an unpacked tree", () => {
  test("is what its control data says, with the original tarballs above it", async () => {
    await writeTree(tree);
    for (const name of ["hello_1.0.orig.tar.xz", "hello_1.0.orig.tar.xz.asc", "hello_1.0.orig-docs.tar.gz"])
      await writeFile(join(parent, name), name);
    for (const name of ["hello_1.1.orig.tar.xz", "hello_1.0.orig.tar", "hello_1.0-1.debian.tar.xz"])
      await writeFile(join(parent, name), name);

    const source = await openTree(tree);

    expect(source).toMatchObject({
      layout: "tree",
      directory: tree,
      treeName: "hello-1.0",
      dscName: null,
      digest: null,
      package: { name: "hello", version: "1.0-1", format: "3.0 (quilt)" },
      origTarballs: ["hello_1.0.orig-docs.tar.gz", "hello_1.0.orig.tar.xz", "hello_1.0.orig.tar.xz.asc"],
    });
  });

  test("is sent with its modes, times and links, and owned by the builder", async () => {
    await writeTree(tree);
    await symlink("/etc/passwd", join(tree, "absolute"));
    await link(join(tree, "hello.txt"), join(tree, "same.txt"));
    await chmod(join(tree, "hello.txt"), 0o4750);
    await utimes(join(tree, "hello.txt"), 1e9, 1_234_567_890.75);

    const headers = await headersOf((await openTree(tree)).tar(owner));

    expect(headers.map(({ path, type }) => [path, type])).toEqual([
      ["hello-1.0", "directory"],
      ["hello-1.0/absolute", "symlink"],
      ["hello-1.0/debian", "directory"],
      ["hello-1.0/debian/changelog", "file"],
      ["hello-1.0/debian/control", "file"],
      ["hello-1.0/debian/rules", "file"],
      ["hello-1.0/debian/source", "directory"],
      ["hello-1.0/debian/source/format", "file"],
      ["hello-1.0/hello.txt", "file"],
      ["hello-1.0/same.txt", "file"],
    ]);
    expect(headers[1]).toMatchObject({ linkTarget: "/etc/passwd" });
    expect(headers[5]).toMatchObject({ mode: 0o755 });
    expect(headers[8]).toMatchObject({ mode: 0o4750, mtime: 1_234_567_890, size: 3 });
    expect(new Set(headers.map(({ uid, gid }) => `${uid}:${gid}`))).toEqual(new Set(["3000000:1001"]));
  });

  test("sends a tarball that is a link as the file it leads to", async () => {
    await writeTree(tree);
    await writeFile(join(parent, "upstream.tgz"), "tarball");
    await symlink("upstream.tgz", join(parent, "hello_1.0.orig.tar.gz"));

    const [first] = await headersOf((await openTree(tree)).tar(owner));

    expect(first).toMatchObject({ path: "hello_1.0.orig.tar.gz", type: "file", size: 7 });
  });

  test("of a native package takes no tarball for its own", async () => {
    await writeTree(tree, {
      ...helloFiles,
      "debian/changelog": helloFiles["debian/changelog"].replace("1.0-1", "1.0"),
      "debian/source/format": "3.0 (native)",
    });
    await writeFile(join(parent, "hello_1.0.orig.tar.gz"), "");

    expect((await openTree(tree)).origTarballs).toEqual([]);
  });

  test("leaves out version control wherever it is, but not files that only look like it", async () => {
    await writeTree(tree, {
      ...helloFiles,
      ".git/HEAD": "",
      "lib/.svn/entries": "",
      "sub/.git": "gitdir: ..",
      ".gitignore": "",
      "git/x": "",
      "a.so": "",
    });

    const paths = await pathsOf(tree);

    expect(paths.filter((path) => !path.startsWith("hello-1.0/debian"))).toEqual([
      "hello-1.0",
      "hello-1.0/.gitignore",
      "hello-1.0/a.so",
      "hello-1.0/git",
      "hello-1.0/git/x",
      "hello-1.0/hello.txt",
      "hello-1.0/lib",
      "hello-1.0/sub",
    ]);
  });

  test("leaves out what debkiln left in it, and nothing that is only called so", async () => {
    await writeTree(tree, {
      ...helloFiles,
      "hello_1.0-1_amd64/result.json": "{}",
      "hello_1.0-1_amd64.failed/hello_1.0-1_amd64.build": "",
      ".hello_1.0-1_amd64.new-0123456789ab/events.jsonl": "",
      ".hello_1.0-1_amd64.new-0123456789ab.owner": "",
      "lock.json": '{\n  "kind": "debkiln-lock"\n}\n',
      "lock.fetched/oci-layout": "{}",
      "results/hello_1.0-1_source/result.json": "{}",
      "src/hello_1.0_data/x": "",
      "src/lock.json": '{"kind": "debkiln-lock"}',
      ".hello.new-1": "",
    });

    const paths = await pathsOf(tree);

    expect(paths.filter((path) => !path.startsWith("hello-1.0/debian"))).toEqual([
      "hello-1.0",
      "hello-1.0/.hello.new-1",
      "hello-1.0/hello.txt",
      "hello-1.0/results",
      "hello-1.0/src",
      "hello-1.0/src/hello_1.0_data",
      "hello-1.0/src/hello_1.0_data/x",
      "hello-1.0/src/lock.json",
    ]);
  });

  test("sends a lock.json that is no lock of debkiln's", async () => {
    await writeTree(tree, { ...helloFiles, "lock.json": '{"name": "hello"}' });

    expect(await pathsOf(tree)).toContain("hello-1.0/lock.json");
  });

  test("leaves out what .debkilnignore excludes and keeps what it takes back in", async () => {
    const ignore = "# large\nbuild\n**/*.o\n!build/deep/keep.txt\n";
    await writeTree(tree, {
      ...helloFiles,
      ".debkilnignore": ignore,
      ".debkiln.toml": "",
      "build/a": "",
      "build/deep/b": "",
      "build/deep/keep.txt": "",
      "src/x.o": "",
      "src/x.c": "",
      "built/x": "",
    });

    const paths = await pathsOf(tree);

    expect(paths.filter((path) => !path.startsWith("hello-1.0/debian"))).toEqual([
      "hello-1.0",
      "hello-1.0/build",
      "hello-1.0/build/deep",
      "hello-1.0/build/deep/keep.txt",
      "hello-1.0/built",
      "hello-1.0/built/x",
      "hello-1.0/hello.txt",
      "hello-1.0/src",
      "hello-1.0/src/x.c",
    ]);
  });

  test("is unpacked by GNU tar as it was", async () => {
    await writeTree(tree, { ...helloFiles, "größe/漢字 x": "x".repeat(300_000) });
    const archive = join(parent, "sent.tar");
    await writeFile(archive, (await openTree(tree)).tar(owner));

    await run("tar", ["-xf", archive, "-C", parent, "--no-same-owner"]);

    const { stdout } = await run("diff", ["-r", tree, join(parent, "hello-1.0")]);
    expect(stdout).toBe("");
  });

  test("that changes while it is sent is a clear failure", async () => {
    await writeTree(tree, { ...helloFiles, "big.log": "x".repeat(500_000) });
    const tar = (await openTree(tree)).tar(owner);

    const sending = (async () => {
      for await (const _ of tar) await appendFile(join(tree, "big.log"), "more");
    })();

    await expect(sending).rejects.toMatchObject({ fault: "usage", code: "file-changed" });
  });

  test("with a named pipe in it is refused", async () => {
    await writeTree(tree);
    await run("mkfifo", [join(tree, "pipe")]);

    await expect(pathsOf(tree)).rejects.toMatchObject({
      code: "source-special-file",
      message: expect.stringContaining("hello/pipe"),
    });
  });

  test("with a name that is not UTF-8 is refused", async () => {
    await writeTree(tree);
    await writeFile(Buffer.concat([Buffer.from(`${tree}/caf`), Buffer.of(0xe9)]), "");

    await expect(pathsOf(tree)).rejects.toMatchObject({ code: "source-bad-name" });
  });

  test("whose .debkilnignore excludes debian/ is refused", async () => {
    await writeTree(tree, { ...helloFiles, ".debkilnignore": "deb*\n" });

    await expect(pathsOf(tree)).rejects.toMatchObject({ code: "ignore-excludes-debian" });
  });

  test("whose debian/control leads out of it is refused", async () => {
    await writeTree(tree);
    await rename(join(tree, "debian/control"), join(parent, "control"));
    await symlink("../../control", join(tree, "debian/control"));

    await expect(openTree(tree)).rejects.toMatchObject({ fault: "package", code: "link-out-of-tree" });
  });

  test("without a changelog is none", async () => {
    await writeTree(tree);
    await rm(join(tree, "debian/changelog"));

    await expect(openTree(tree)).rejects.toMatchObject({ code: "not-a-source-tree" });
  });
});
