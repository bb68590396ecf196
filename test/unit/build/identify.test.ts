import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { identifySource } from "../../../src/build/source/identify.ts";
import { writeTree } from "./source-fixture.ts";

let cwd: string;

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "debkiln-identify-"));
});

afterEach(() => rm(cwd, { recursive: true }));

test.each([
  ["sl", "sl", null],
  ["libstdc++-dev", "libstdc++-dev", null],
  ["sl=5.02-1", "sl", "5.02-1"],
  ["sl_5.02-1", "sl", "5.02-1"],
  ["lua5.4=1:5.4.6-3+b1", "lua5.4", "1:5.4.6-3+b1"],
])("%s is the package %s in version %s", async (argument, name, version) => {
  expect(await identifySource(argument, cwd)).toEqual({ kind: "package", name, version });
});

test("a package name is meant even where a directory has that name", async () => {
  await writeTree(join(cwd, "hello"));

  expect(await identifySource("hello", cwd)).toMatchObject({ kind: "package", name: "hello" });
  expect(await identifySource("./hello", cwd)).toEqual({ kind: "tree", directory: join(cwd, "hello") });
});

test("a tree is meant by the name that it is unpacked under", async () => {
  for (const tree of ["hello-1.0", "hello-mine", "tool-1.0"]) await writeTree(join(cwd, tree));

  expect(await identifySource("hello-1.0", cwd)).toEqual({ kind: "tree", directory: join(cwd, "hello-1.0") });
  for (const other of ["hello-mine", "tool-1.0"])
    await expect(identifySource(other, cwd)).rejects.toMatchObject({
      code: "ambiguous-source",
      message: expect.stringContaining("the tree of hello"),
      hint: expect.stringContaining(`./${other}`),
    });
});

test("a dot, a path and an absolute path name trees", async () => {
  await writeTree(join(cwd, "a/hello"));

  const directory = join(cwd, "a/hello");

  expect(await identifySource(".", directory)).toEqual({ kind: "tree", directory });
  expect(await identifySource("a/hello/", cwd)).toEqual({ kind: "tree", directory });
  expect(await identifySource(directory, "/")).toEqual({ kind: "tree", directory });
});

test("a word that ends in .dsc is a path or URL", async () => {
  await writeFile(join(cwd, "sl_5.02-1.dsc"), "");

  expect(await identifySource("sl_5.02-1.dsc", cwd)).toEqual({
    kind: "dsc",
    path: join(cwd, "sl_5.02-1.dsc"),
  });
  expect(await identifySource(`file://${cwd}/sl_5.02-1.dsc`, "/")).toEqual({
    kind: "dsc",
    path: join(cwd, "sl_5.02-1.dsc"),
  });
  expect(await identifySource("https://mirror.example/pool/sl_5.02-1.dsc", cwd)).toEqual({
    kind: "dsc-url",
    url: "https://mirror.example/pool/sl_5.02-1.dsc",
  });
});

describe("what cannot be a source is refused with help", () => {
  test.each([
    ["ftp://mirror.example/sl.dsc", "source-unsupported", /URL ends in \.git/],
    ["https://mirror.example/sl", "source-unsupported", /URL ends in \.git/],
    ["ext::sh -c id", "git-address-refused", /https/],
    ["./helo", "source-missing", /Did you mean hello\?/],
    ["nowhere/hello", "source-missing", /Name a source tree/],
    ["./hello/debian", "not-a-source-tree", /name the directory that it is in/],
    ["./downloads", "not-a-source-tree", /Did you mean downloads\/x_1\.dsc\?/],
    ["./notes.txt", "source-unsupported", /A \.dsc describes/],
    ["Hello", "bad-package-name", /small letters/],
    ["notes_dir", "bad-version", /deb-version/],
    ["", "bad-package-name", /small letters/],
    ["x", "bad-package-name", /two or more/],
    ["Notes", "bad-package-name", /write \.\/Notes/],
    ["hello=1.0/x", "source-missing", /Name a source tree/],
  ])("%j", async (argument, code, hint) => {
    await writeTree(join(cwd, "hello"));
    await writeTree(join(cwd, "downloads"), { "x_1.dsc": "" });
    await mkdir(join(cwd, "Notes"));
    await writeFile(join(cwd, "notes.txt"), "");

    await expect(identifySource(argument, cwd)).rejects.toMatchObject({
      code,
      hint: expect.stringMatching(hint),
    });
  });
});
