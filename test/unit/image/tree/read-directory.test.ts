import { execFileSync } from "node:child_process";
import { constants } from "node:fs";
import { access, chmod, link, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { digestOf } from "../../../../src/base/digest.ts";
import { Task } from "../../../../src/base/event.ts";
import { readDirectory } from "../../../../src/image/tree/read-directory.ts";
import { openContent, type TreeEntry } from "../../../../src/image/tree/tree.ts";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "debkiln-test-"));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

function read(signal = new AbortController().signal) {
  return readDirectory(directory, new Task(() => {}, []), signal);
}

test("a directory is a tree of all that is in it", async () => {
  await mkdir(join(directory, "usr/bin"), { recursive: true, mode: 0o755 });
  await writeFile(join(directory, "usr/bin/su"), "program");
  await chmod(join(directory, "usr/bin/su"), 0o4755);
  await utimes(join(directory, "usr/bin/su"), 1, 1_700_000_000.9);
  await link(join(directory, "usr/bin/su"), join(directory, "usr/bin/sv"));
  await symlink("usr/bin", join(directory, "bin"));
  await symlink("/nowhere", join(directory, "broken"));
  execFileSync("mkfifo", [join(directory, "pipe")]);

  const { tree } = await read();

  const uid = process.getuid?.() ?? 0;
  expect([...tree.keys()]).toEqual([
    ".",
    "bin",
    "broken",
    "pipe",
    "usr",
    "usr/bin",
    "usr/bin/su",
    "usr/bin/sv",
  ]);
  expect(tree.get("usr/bin/su")).toMatchObject({
    type: "file",
    mode: 0o4755,
    uid,
    mtime: 1_700_000_000,
    sizeBytes: 7,
    digest: digestOf("program"),
    xattrs: {},
  });
  expect(tree.get("usr/bin/sv")).toMatchObject({ type: "link", target: "usr/bin/su" });
  expect(tree.get("bin")).toMatchObject({ type: "symlink", target: "usr/bin" });
  expect(tree.get("pipe")?.type).toBe("fifo");
  expect(tree.get("usr")?.type).toBe("directory");
});

test("contents are read from where they lie", async () => {
  await writeFile(join(directory, "file"), "content");

  const { tree } = await read();

  expect(await contentOf(tree.get("file"))).toBe("content");
});

test("names keep their bytes", async () => {
  await writeFile(Buffer.concat([Buffer.from(`${directory}/bad`), Buffer.from([0xff])]), "x");
  await symlink(Buffer.from([0xfe]), join(directory, "link"));
  await writeFile(join(directory, "späß\n"), "x");

  const { tree } = await read();

  expect([...tree.keys()]).toEqual([".", "bad\udcff", "link", "späß\n"]);
  expect(tree.get("bad\udcff")).toMatchObject({ digest: digestOf("x") });
  expect(tree.get("link")).toMatchObject({ target: "\udcfe" });
});

test("extended attributes are read where getfattr is, whatever the names", async (context) => {
  if (!(await has("setfattr"))) context.skip("there is no setfattr");
  const name = "a b\\c\nd=é";
  await writeFile(join(directory, name), "x");
  execFileSync("setfattr", ["--name=user.component", "--value=0x00ff0a", join(directory, name)]);

  const { tree, hasXattrs } = await read();

  expect(hasXattrs).toBe(true);
  expect(tree.get(name)?.xattrs).toEqual({ "user.component": Buffer.from([0, 0xff, 0x0a]) });
});

test("without getfattr it says that it does not know extended attributes", async () => {
  const before = process.env["PATH"];
  process.env["PATH"] = directory;
  try {
    expect(await read()).toMatchObject({ hasXattrs: false });
  } finally {
    process.env["PATH"] = before;
  }
});

test.each(["file", "nothing"])("what is no directory is refused: %s", async (name) => {
  await writeFile(join(directory, "file"), "");

  await expect(
    readDirectory(join(directory, name), new Task(() => {}, []), new AbortController().signal),
  ).rejects.toMatchObject({
    code: "directory-unreadable",
  });
});

test("a stop signal ends it", async () => {
  await expect(read(AbortSignal.abort())).rejects.toMatchObject({ fault: "interrupted" });
});

async function contentOf(entry: TreeEntry | undefined): Promise<string> {
  return entry?.type === "file" ? await text(openContent(entry)) : "";
}

async function has(program: string): Promise<boolean> {
  const places = (process.env["PATH"] ?? "").split(delimiter).map((place) => join(place, program));
  const found = await Promise.all(
    places.map((place) =>
      access(place, constants.X_OK).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.includes(true);
}
