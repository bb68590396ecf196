import { describe, expect, test } from "vitest";
import { parseToml } from "../../../src/base/toml.ts";

describe("parseToml", () => {
  test("knows the line of keys, dotted keys, tables, quoted names and inline tables", () => {
    const text = [
      "# settings = 1",
      "jobs = 4",
      'note = """',
      "memory = 1",
      '"""',
      'memory = "4G"',
      "",
      "[targets.mine]",
      'suite = "trixie"',
      '[targets."old one"]',
      'suite = "bookworm"',
      "a.b = 1",
      'repository = { url = "x", key = "y" }',
    ].join("\n");

    const { lineOf } = parseToml(text, "f.toml");

    expect(lineOf(["jobs"])).toBe(2);
    expect(lineOf(["memory"])).toBe(6);
    expect(lineOf(["targets"])).toBe(8);
    expect(lineOf(["targets", "mine", "suite"])).toBe(9);
    expect(lineOf(["targets", "old one", "suite"])).toBe(11);
    expect(lineOf(["targets", "old one", "a", "b"])).toBe(12);
    expect(lineOf(["targets", "old one", "repository", "key"])).toBe(13);
  });

  test("tells the entries of a list of tables apart", () => {
    const text = [
      "[[user]]",
      'name = "a"',
      "[user.home]",
      'path = "/a"',
      "[[user.key]]",
      'text = "k"',
      "[[user]]",
      'name = "b"',
      "[[user.key]]",
      'text = "l"',
      "[[user.key]]",
      'text = "m"',
    ].join("\n");

    const { lineOf } = parseToml(text, "f.toml");

    expect(lineOf(["user"])).toBe(1);
    expect(lineOf(["user", "0", "name"])).toBe(2);
    expect(lineOf(["user", "0", "home", "path"])).toBe(4);
    expect(lineOf(["user", "0", "key", "0", "text"])).toBe(6);
    expect(lineOf(["user", "1"])).toBe(7);
    expect(lineOf(["user", "1", "name"])).toBe(8);
    expect(lineOf(["user", "1", "key", "1", "text"])).toBe(12);
    expect(lineOf(["user", "1", "shell"])).toBe(7);
  });

  test("gives the line of the parent for what is not written, and none for nothing", () => {
    const { lineOf } = parseToml("[targets.mine]\n", "f.toml");

    expect(lineOf(["targets", "mine", "suite"])).toBe(1);
    expect(lineOf(["jobs"])).toBeNull();
  });

  test("tells file, line and column of a syntax error, with the excerpt", () => {
    expect(() => parseToml('jobs = 4\nmemory = "4G\n', "/etc/f.toml")).toThrow(
      expect.objectContaining({ code: "config-syntax", fault: "usage" }),
    );
    expect(() => parseToml('jobs = 4\nmemory = "4G\n', "/etc/f.toml")).toThrow(/^\/etc\/f\.toml:2:\d+: /);
    expect(() => parseToml('jobs = 4\nmemory = "4G\n', "/etc/f.toml")).toThrow(/memory = "4G/);
  });
});
