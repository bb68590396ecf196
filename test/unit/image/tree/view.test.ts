import { describe, expect, test } from "vitest";
import { TreeView, subtree } from "../../../../src/image/tree/view.ts";
import { directory, hardLink, symlink, treeOf } from "../lint/root.ts";

const tree = treeOf({
  "usr/lib/os-release": "Debian",
  lib: symlink("usr/lib"),
  "etc/os-release": symlink("../usr/lib/os-release"),
  "etc/absolute": symlink("/usr/lib/os-release"),
  "etc/escaping": symlink("../../../../lib/os-release"),
  "etc/broken": symlink("nothing"),
  "etc/circle": symlink("round"),
  "etc/round": symlink("circle"),
  "etc/up": symlink(".."),
  "etc/hard": hardLink("usr/lib/os-release"),
  "var/b": directory(),
  "var/a/x": "x",
});
const view = new TreeView(tree);

describe("a view of a tree", () => {
  test.each([
    "usr/lib/os-release",
    "/usr//lib/./os-release",
    "lib/os-release",
    "etc/os-release",
    "etc/absolute",
    "etc/escaping",
    "etc/up/lib/os-release",
    "etc/../lib/os-release",
    "etc/hard",
  ])("follows %s to the file", (path) => {
    expect(view.stat(path)?.path).toBe("usr/lib/os-release");
  });

  test.each(["nothing", "etc/broken", "etc/circle", "etc/circle/x", "usr/lib/os-release/x", "nothing/x"])(
    "finds nothing at %s",
    (path) => {
      expect(view.stat(path)).toBeNull();
    },
  );

  test("does not follow the last part when what is there itself is asked for", () => {
    expect(view.lstat("lib/os-release")?.type).toBe("file");
    expect(view.lstat("etc/os-release")?.type).toBe("symlink");
    expect(view.lstat("etc/hard")?.type).toBe("link");
    expect(view.lstat("nothing")).toBeNull();
  });

  test("says where a path is, even if nothing is there", () => {
    expect(view.resolve("/lib/new")).toBe("usr/lib/new");
    expect(view.resolve("etc/circle/new")).toBeNull();
    expect(view.resolve("nothing/new")).toBeNull();
    expect(view.resolve("/")).toBe(".");
  });

  test("lists directories, through links too, and what is below them", () => {
    expect(view.names("etc/up/var")).toEqual(["a", "b"]);
    expect(view.names("lib")).toEqual(["os-release"]);
    expect(view.names("usr/lib/os-release")).toEqual([]);
    expect([...view.below("var")].map(({ path }) => path)).toEqual(["var/a", "var/a/x", "var/b"]);
  });

  test("gives a directory as a root of its own", () => {
    expect([...subtree(tree, "var").keys()]).toEqual([".", "b", "a", "a/x"]);
  });
});
