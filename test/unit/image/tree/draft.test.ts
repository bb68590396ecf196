import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Draft } from "../../../../src/image/tree/draft.ts";
import { parentOf } from "../../../../src/image/tree/entry.ts";
import type { Tree } from "../../../../src/image/tree/tree.ts";
import { directory, hardLink, symlink, treeOf } from "../lint/root.ts";

describe("a draft", () => {
  test("leaves the tree that it began with alone", () => {
    const tree = treeOf({ "a/b": "text" });
    const draft = new Draft(tree, 5);
    draft.remove("a");
    draft.file("c", "new");

    expect([...tree.keys()]).toEqual([".", "a", "a/b"]);
    expect([...draft.tree.keys()]).toEqual([".", "c"]);
  });

  test("makes entries of root's with the time that it was given, and their directories", () => {
    const draft = new Draft(treeOf({}), 5);
    draft.file("a/b/c", "text", { mode: 0o600 });

    expect(draft.get("a/b")).toMatchObject({ type: "directory", mode: 0o755, uid: 0, gid: 0, mtime: 5 });
    expect(draft.get("a/b/c")).toMatchObject({ type: "file", mode: 0o600, sizeBytes: 4, mtime: 5 });
  });

  test("lists what is in a directory, sorted, and what is below it", () => {
    const draft = new Draft(treeOf({ "a/y": directory(), "a/x/1": "", "ab/z": "" }), 0);
    draft.file("a/w", "");

    expect(draft.children("a").map(({ path }) => path)).toEqual(["a/w", "a/x", "a/y"]);
    expect(draft.below("a").map(({ path }) => path)).toEqual(["a/w", "a/x", "a/x/1", "a/y"]);
    expect(draft.children(".").map(({ path }) => path)).toEqual(["a", "ab"]);
    expect(draft.children("none")).toEqual([]);
  });

  test("gives a file's bytes to its next name when its first is removed", () => {
    const draft = new Draft(treeOf({ a: "bytes", b: hardLink("a"), c: hardLink("a") }), 0);
    draft.remove("a");

    expect(draft.get("a")).toBeUndefined();
    expect(draft.get("b")).toMatchObject({ type: "file", path: "b", sizeBytes: 5 });
    expect(draft.get("c")).toMatchObject({ type: "link", target: "b" });
  });

  test("moves a directory with all that is in it, over what is there", () => {
    const draft = new Draft(
      treeOf({ "a/b/c": "1", "a/l": symlink("b"), "x/b": "in the way", other: hardLink("a/b/c") }),
      0,
    );
    draft.move("a", "x");

    expect([...draft.tree.keys()].toSorted()).toEqual([".", "other", "x", "x/b", "x/b/c", "x/l"]);
    expect(draft.get("other")).toMatchObject({ target: "x/b/c" });
  });

  test("leaves one name when a file is moved over another name of its own", () => {
    for (const [from, to] of [
      ["a", "b"],
      ["b", "a"],
    ] as const) {
      const draft = new Draft(treeOf({ a: "bytes", b: hardLink("a"), c: hardLink("a") }), 0);
      draft.move(from, to);

      expect(draft.get(from)).toBeUndefined();
      expect(draft.get(to)).toMatchObject({ type: "file", sizeBytes: 5 });
      expect(draft.get("c")).toMatchObject({ type: "link", target: to });
    }
  });

  test("keeps hard links whole and directories there, whatever is done", () => {
    const path = fc.constantFrom("a", "b", "d/a", "d/b", "d/e/a", "f");
    const step = fc.oneof(
      fc.tuple(fc.constant("remove" as const), path, path),
      fc.tuple(fc.constant("move" as const), path, path),
      fc.tuple(fc.constant("file" as const), path, path),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const draft = new Draft(
          treeOf({ a: "1", b: hardLink("a"), "d/a": hardLink("a"), "d/b": "2", "d/e/a": hardLink("d/b") }),
          0,
        );
        for (const [verb, one, other] of steps) {
          if (verb === "remove") draft.remove(one);
          else if (verb === "file") draft.file(one, other);
          else if (!other.startsWith(`${one}/`) && !one.startsWith(`${other}/`)) draft.move(one, other);
        }
        expect(flaws(draft.tree)).toEqual([]);
      }),
    );
  });
});

/** Links to what is no file, entries without their directory, and entries under another path than their own. */
function flaws(tree: Tree): string[] {
  return [...tree].flatMap(([path, entry]) => [
    ...(path === entry.path ? [] : [`${path} is called ${entry.path}`]),
    ...(tree.get(parentOf(path))?.type === "directory" ? [] : [`${path} is in no directory`]),
    ...(entry.type !== "link" || tree.get(entry.target)?.type === "file" ? [] : [`${path} has no bytes`]),
  ]);
}
