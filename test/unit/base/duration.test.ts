import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatDuration, parseDuration } from "../../../src/base/duration.ts";

describe("parseDuration", () => {
  test.each([
    ["0", 0],
    ["250ms", 250],
    ["90s", 90_000],
    ["15m", 900_000],
    ["150m", 9_000_000],
    ["1h30m", 5_400_000],
    ["1h 30m", 5_400_000],
    ["1.5h", 5_400_000],
    ["2D", 172_800_000],
    ["1w", 604_800_000],
  ])("reads %s", (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  test.each(["", "15", "m", "-5m", "5 minutes", "1h30", "1..5h", "1e3s", "NaNs", "9".repeat(30) + "w"])(
    "refuses %j",
    (text) => {
      expect(() => parseDuration(text)).toThrow(
        expect.objectContaining({ code: "duration-malformed", fault: "usage" }),
      );
    },
  );

  test("adds parts up", () => {
    fc.assert(
      fc.property(fc.nat(999), fc.nat(23), fc.nat(59), fc.nat(59), (d, h, m, s) => {
        expect(parseDuration(`${d}d${h}h${m}m${s}s`)).toBe((((d * 24 + h) * 60 + m) * 60 + s) * 1000);
      }),
    );
  });
});

describe("formatDuration", () => {
  test.each([
    [0, "0.0 s"],
    [3400, "3.4 s"],
    [9949, "9.9 s"],
    [9950, "10 s"],
    [59_499, "59 s"],
    [59_500, "1 min 00 s"],
    [125_000, "2 min 05 s"],
    [3_599_499, "59 min 59 s"],
    [3_600_000, "1 h 00 min"],
    [3_720_000, "1 h 02 min"],
    [273_600_000, "3 d 04 h"],
    [-5, "0.0 s"],
  ])("writes %i ms", (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text);
  });
});
