import { describe, expect, test } from "vitest";
import { layerEntries } from "../../../../src/image/layers/layer-entries.ts";
import { linkTo } from "../../../../src/image/tree/entry.ts";
import { file, treeOf } from "../tree/arbitrary-tree.ts";

describe("a layer's entries", () => {
  test("are sorted by bytes, with the directories above them and nothing else", async () => {
    const tree = treeOf([
      file("usr/bin/b", ""),
      file("usr/bin/a-b", ""),
      file("usr/bin/a/c", ""),
      file("opt/x", ""),
    ]);

    const part = layerEntries(tree, [
      { name: "x", paths: ["usr/bin/a/c", "usr/bin/a-b"], latest: Infinity, packages: [], sizeBytes: 0 },
    ]);

    expect(part.map(({ path }) => path)).toEqual([
      ".",
      "usr",
      "usr/bin",
      "usr/bin/a",
      "usr/bin/a-b",
      "usr/bin/a/c",
    ]);
  });

  test("have a file's bytes at its first name", () => {
    const named = file("usr/bin/perl5", "perl", { mode: 0o4755 });
    const tree = treeOf([named, linkTo(named, "usr/bin/perl"), linkTo(named, "usr/bin/zperl")]);
    const paths = ["usr/bin/perl", "usr/bin/perl5", "usr/bin/zperl"];

    const entries = layerEntries(tree, [
      { name: "perl", paths, latest: Infinity, packages: [], sizeBytes: 0 },
    ]);

    expect(entries.slice(-3)).toMatchObject([
      { path: "usr/bin/perl", type: "file", sizeBytes: 4, mode: 0o4755 },
      { path: "usr/bin/perl5", type: "link", target: "usr/bin/perl" },
      { path: "usr/bin/zperl", type: "link", target: "usr/bin/perl", mode: 0o4755 },
    ]);
  });
});
