import { describe, expect, test } from "vitest";
import { checkFileName } from "../../../src/debian/file-name.ts";

describe("checkFileName", () => {
  test.each([
    "sl_5.02-1_amd64.deb",
    "sl_5.02.orig-extra.tar.gz.asc",
    "g++-14_14.2.0-1~bpo12+1_all.deb",
    "0ad_1.dsc",
  ])("accepts %s", (name) => {
    expect(checkFileName(name, "x.dsc")).toBe(name);
  });

  test.each([
    "",
    ".",
    "..",
    ".hidden",
    "-o",
    "a/b",
    "a\\b",
    "a..b",
    "a b",
    "a\nb",
    "a\0b",
    "é",
    "a".repeat(256),
  ])("refuses %j and names where it stands", (name) => {
    expect(() => checkFileName(name, "x.dsc")).toThrow(
      expect.objectContaining({
        code: "unsafe-file-name",
        fault: "package",
        message: expect.stringContaining("x.dsc"),
      }),
    );
  });
});
