import { describe, expect, test } from "vitest";
import { isWithin, nameOf, resolveParents, resolvePath } from "../../../../src/image/tree/path.ts";
import { failureOf } from "../finish/finishing.ts";
import { directory, symlink, treeOf } from "../lint/root.ts";

describe("a path in a tree", () => {
  const tree = treeOf({
    "usr/lib/x": "",
    lib: symlink("usr/lib"),
    "usr/local": symlink("../var/usrlocal"),
    var: directory(),
    "etc/alternatives/y": symlink("/lib/x"),
    "usr/lib/up": symlink("../../../../../etc"),
    loop: symlink("pool"),
    pool: symlink("loop"),
  });

  test("leads through the links of its parents", () => {
    expect(resolveParents(tree, "lib/x")).toBe("usr/lib/x");
    expect(resolveParents(tree, "usr/local/bin/tool")).toBe("var/usrlocal/bin/tool");
    expect(resolveParents(tree, "lib/not-there/x")).toBe("usr/lib/not-there/x");
  });

  test("keeps its own last link, unless it is asked where that leads", () => {
    expect(resolveParents(tree, "lib")).toBe("lib");
    expect(resolvePath(tree, "lib")).toBe("usr/lib");
    expect(resolvePath(tree, "etc/alternatives/y")).toBe("usr/lib/x");
  });

  test("leads nowhere out of the root", () => {
    expect(resolvePath(tree, "usr/lib/up/alternatives")).toBe("etc/alternatives");
    expect(resolvePath(tree, "../..")).toBe(".");
    expect(resolveParents(tree, "usr/../etc/../../lib/x")).toBe("usr/lib/x");
  });

  test("fails on links that lead to each other", () => {
    expect(failureOf(() => resolvePath(tree, "loop/x"))).toMatchObject({
      code: "link-loop",
      fault: "package",
    });
  });

  test("has a name and is in directories", () => {
    expect(nameOf("usr/lib/x")).toBe("x");
    expect(nameOf("usr")).toBe("usr");
    expect(isWithin("usr/lib", "usr")).toBe(true);
    expect(isWithin("usr", "usr")).toBe(true);
    expect(isWithin("usrlocal", "usr")).toBe(false);
    expect(isWithin("usr", ".")).toBe(true);
  });
});
