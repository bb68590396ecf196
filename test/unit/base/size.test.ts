import { describe, expect, test } from "vitest";
import { formatSize, parseSize } from "../../../src/base/size.ts";

describe("parseSize", () => {
  test.each([
    ["0", 0],
    ["512", 512],
    ["512M", 536_870_912],
    ["4G", 4_294_967_296],
    ["4g", 4_294_967_296],
    ["4GB", 4_294_967_296],
    ["1.5GiB", 1_610_612_736],
    ["2 K", 2048],
    ["1T", 1_099_511_627_776],
  ])("reads %s in powers of 1024", (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  test.each(["", "G", "-1G", "4 gigs", "1e9", "0x10", "4X", "9".repeat(30)])("refuses %j", (text) => {
    expect(() => parseSize(text)).toThrow(
      expect.objectContaining({ code: "size-malformed", fault: "usage" }),
    );
  });
});

describe("formatSize", () => {
  test.each([
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.0 kB"],
    [1_234_567, "1.2 MB"],
    [9_949_999, "9.9 MB"],
    [34_000_000, "34 MB"],
    [999_400_000, "999 MB"],
    [999_600_000, "1.0 GB"],
    [5e15, "5.0 PB"],
    [5e18, "5000 PB"],
  ])("writes %i in powers of 1000", (bytes, text) => {
    expect(formatSize(bytes)).toBe(text);
  });
});
