import { expect, test } from "vitest";
import { insideOf, nameOf } from "../../../src/cli/copy.ts";

test.each([
  ["dev:/a/b", { at: { name: "dev", snapshot: null }, path: "/a/b" }],
  ["dev@before:/", { at: { name: "dev", snapshot: "before" }, path: "/" }],
  ["./dev:/a", null],
  ["/x:y", null],
  ["a/b:c", null],
  [".", null],
])("%s is a path in an environment or here", (word, meant) => {
  expect(insideOf(word)).toEqual(meant);
});

test.each([
  ["dev:a", "bad-command-line"],
  ["dev:", "bad-command-line"],
  ["Dev:/a", "bad-environment-name"],
])("%s is refused", (word, code) => {
  expect(() => insideOf(word)).toThrow(expect.objectContaining({ fault: "usage", code }));
});

test.each([
  ["/build/work/.", "work"],
  ["/build/work/..", "build"],
  ["/build/work//", "work"],
  ["/x/..", "dev"],
  ["/", "dev"],
])("%s is called %s here", (path, name) => {
  expect(nameOf({ at: { name: "dev", snapshot: null }, path })).toBe(name);
});
