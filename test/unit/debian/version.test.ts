import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareVersions, parseVersion, withoutEpoch } from "../../../src/debian/version.ts";
import { disagreements, shell } from "./oracle.ts";

const part = fc
  .array(fc.constantFrom("0", "1", "2", "9", "10", "00", "a", "b", "Z", "~", "~~", "+", ".", "-1", "rc"), {
    maxLength: 5,
  })
  .map((words) => words.join(""));
const version = fc
  .tuple(
    fc.constantFrom("", "", "0:", "1:", "12:"),
    fc.constantFrom("0", "1", "01", "10"),
    part,
    fc.constantFrom("", "-0", "-1", "-1~a"),
  )
  .map((words) => words.join(""))
  .filter((text) => !text.includes("-") || /[A-Za-z0-9.+~]$/.test(text));
const pair = fc.tuple(version, version);

describe("compareVersions", () => {
  test("orders versions as dpkg --compare-versions does", () => {
    const ask = `set -- $line; if dpkg --compare-versions "$1" lt "$2"; then echo -1; elif dpkg --compare-versions "$1" eq "$2"; then echo 0; else echo 1; fi`;
    const pairs = fc.sample(pair, 200);
    const oracle = shell(
      ask,
      pairs.map((words) => words.join(" ")),
    );

    const actual = pairs.map(([a, b]) => String(compareVersions(a, b)));

    expect(disagreements(pairs, actual, oracle)).toEqual([]);
  });

  test("is an order: turned round it gives the opposite", () => {
    const property = fc.property(pair, ([a, b]) => {
      expect(compareVersions(a, b) + compareVersions(b, a)).toBe(0);
    });

    fc.assert(property);
  });

  test.each([
    ["1.0~rc1", "1.0", -1],
    ["1.0", "1.0-0", 0],
    ["1:0.1", "9.9", 1],
    ["1.0+b1", "1.0a", 1],
    ["1.18446744073709551616", "1.18446744073709551615", 1],
  ])("%s against %s is %i", (a, b, order) => {
    expect(compareVersions(a, b)).toBe(order);
  });
});

describe("parseVersion", () => {
  test("takes epoch, upstream version and revision apart", () => {
    expect(parseVersion("2:1.0-rc1-3~bpo12+1")).toEqual({
      epoch: 2,
      upstream: "1.0-rc1",
      revision: "3~bpo12+1",
    });
    expect(parseVersion("5.02")).toEqual({ epoch: 0, upstream: "5.02", revision: null });
  });

  test("accepts just what dpkg --validate-version accepts", () => {
    const text = fc
      .array(fc.constantFrom("0", "1", "a", "-", ":", "~", "+", ".", "_", "/", "$", "2147483648", "é"), {
        minLength: 1,
        maxLength: 6,
      })
      .map((words) => words.join(""))
      // A sign before the epoch passes dpkg's strtol, and no specification.
      .filter((text) => !/^[-+]/.test(text));
    const texts = fc.sample(text, 200);
    const oracle = shell(`dpkg --validate-version "$line" 2>/dev/null && echo true || echo false`, texts);

    const actual = texts.map((text) => String(accepts(text)));

    expect(disagreements(texts, actual, oracle)).toEqual([]);
  });

  test.each(["", "1.0-", ":1", "a1", "1.0 2", "1.0\n", "1/../2", "-1"])("refuses %j", (text) => {
    expect(() => parseVersion(text)).toThrow(
      expect.objectContaining({ code: "bad-version", fault: "package" }),
    );
  });
});

test("withoutEpoch takes only the epoch off", () => {
  expect(withoutEpoch("1:2.0:3-1")).toBe("2.0:3-1");
  expect(withoutEpoch("2.0-1")).toBe("2.0-1");
});

function accepts(text: string): boolean {
  try {
    parseVersion(text);
    return true;
  } catch {
    return false;
  }
}
