import { posix } from "node:path";
import { assert, constantFrom, integer, oneof, property, record, string } from "fast-check";
import { describe, expect, test } from "vitest";
import { planCopiedEntry, requireNothingBeneath } from "../../../../src/environment/named/copied-entry.ts";
import type { TarHeader } from "../../../../src/oci/tar-reader.ts";

const file = { path: "it/a", type: "file", mode: 0o644, linkTarget: null } as const;

describe("what an environment sends", () => {
  test.each(["/etc/passwd", "../x", "it/../../x", "it/./a", "it//a", "other", "it/a\0b", "", "itself/a"])(
    "is refused as a whole when a path is %j",
    (path) => {
      expect(() => planCopiedEntry({ ...file, path })).toThrow(
        expect.objectContaining({ fault: "infrastructure", code: "copy-refused" }),
      );
    },
  );

  test("loses its special bits", () => {
    expect(planCopiedEntry({ ...file, mode: 0o106755 })).toEqual({ kind: "file", path: "it/a", mode: 0o755 });
  });

  test.each([
    ["it/d/l", "../a", "symlink"],
    ["it/d/e/l", "../../a/b", "symlink"],
    ["it/d/l", "./../a", "symlink"],
    ["it/l", "d/../a", "skip"],
    ["it/p/q/B", "A/../..", "skip"],
    ["it/l", "..a/b..", "symlink"],
    ["it/d/l", ".a/..", "skip"],
    ["it/d/e/l", "..", "symlink"],
    ["it/l", "../a", "skip"],
    ["it/l", "/etc/passwd", "skip"],
    ["it/l", "d/../../itself", "skip"],
    ["it", "a", "skip"],
    ["it/l", "", "skip"],
  ] as const)("has the link %s to %s as a %s", (path, linkTarget, kind) => {
    expect(planCopiedEntry({ ...file, path, type: "symlink", linkTarget })).toMatchObject({ kind });
  });

  test.each(["link", "character-device", "block-device", "fifo", "other"] as const)("has no %s", (type) => {
    expect(planCopiedEntry({ ...file, type, linkTarget: "it/b" })).toMatchObject({ kind: "skip", path: "a" });
  });

  test("has nothing beneath a link", () => {
    expect(() =>
      requireNothingBeneath([{ path: "it/a" }, { path: "it/ab/c" }, { path: "it/b" }]),
    ).not.toThrow();
    expect(() => requireNothingBeneath([{ path: "it/a/.envrc" }, { path: "it/a" }])).toThrow(
      expect.objectContaining({ code: "copy-refused" }),
    );
  });

  test("is written nowhere but below its own directory, whatever it says", () => {
    const word = oneof(string({ maxLength: 12 }), constantFrom("..", ".", "it", "a/b", "/"));
    const types = constantFrom<TarHeader["type"]>("file", "directory", "symlink", "link");
    const parts = record({
      a: word,
      b: word,
      target: word,
      type: types,
      mode: integer({ min: 0, max: 0o177777 }),
    });
    assert(
      property(parts, ({ a, b, target, type, mode }) => {
        let entry;
        try {
          entry = planCopiedEntry({ path: `it/${a}/${b}`, type, mode, linkTarget: target });
        } catch {
          return;
        }
        if (entry.kind === "skip") return;
        const leadsTo =
          entry.kind === "symlink" ? posix.join(posix.dirname(entry.path), entry.target) : entry.path;
        for (const path of [entry.path, leadsTo]) expect(posix.join("/x", path)).toMatch(/^\/x\/it(\/|$)/);
        expect("mode" in entry ? entry.mode & ~0o777 : 0).toBe(0);
      }),
    );
  });
});
