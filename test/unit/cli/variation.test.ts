import { describe, expect, test } from "vitest";
import { type VariationFlags, addedOf, choosingOf, variationOf } from "../../../src/cli/variation.ts";

const me = "Jane Doe <jane@mirror.example>";
const refused = (code: string) => expect.objectContaining({ fault: "usage", code });

describe("variationOf", () => {
  test("is nothing unless something is asked for", () => {
    expect(variation({})).toBeUndefined();
  });

  test("makes a binNMU of its text, number, time and maintainer", () => {
    const flags = {
      "make-binnmu": "Against libfoo2",
      binnmu: 3,
      "binnmu-timestamp": "@86400",
      maintainer: me,
    };

    expect(variation(flags)).toEqual({
      rebuild: { number: 3, suffix: null, text: "Against libfoo2", maintainer: me, date: 86400 },
    });
  });

  test("gives a version of one's own a text of one's own, with no number", () => {
    const flags = { "make-binnmu": "Try it", binnmu: 0, "append-to-version": "~x1", maintainer: me };

    expect(variation(flags)?.rebuild).toMatchObject({ number: null, suffix: "~x1", text: "Try it" });
  });

  test("takes the name of whoever is at work, as devscripts do", () => {
    const here = { DEBFULLNAME: "Jane Doe", DEBEMAIL: "jane@mirror.example" };

    expect(variation({ "append-to-version": "~x1" }, here)?.rebuild).toMatchObject({
      number: null,
      suffix: "~x1",
      maintainer: me,
      date: "increment",
    });
    expect(() => variation({ "append-to-version": "~x1" })).toThrow(refused("maintainer-missing"));
  });

  test("takes an entry that is given whole as it is, without what is around it", () => {
    const entry = [
      "sl (5.02-1+b2) sid; urgency=low, binary-only=yes",
      "",
      "  * Against libfoo2.",
      "",
      ` -- ${me}  Thu, 01 Jan 1970 00:00:00 +0000`,
    ].join("\n");

    expect(variation({ "binnmu-changelog": `\n${entry}\n\n`, maintainer: me })).toEqual({
      rebuild: { entry },
      buildpackage: [`-m${me}`],
    });
  });

  test.each([
    ["now", 1000],
    ["1970-01-02T00:00:00Z", 86400],
  ])("reads %s as a time", (text, seconds) => {
    const flags = { "make-binnmu": "x", maintainer: me, "binnmu-timestamp": text };

    expect(variation(flags)?.rebuild).toMatchObject({ date: seconds });
  });

  test.each<[string, VariationFlags]>([
    ["bad-identity", { maintainer: "jane" }],
    ["bad-timestamp", { "make-binnmu": "x", maintainer: me, "binnmu-timestamp": "soon" }],
    ["bad-version", { "append-to-version": "-1 x", maintainer: me }],
    ["bad-version", { "make-binnmu": "x", binnmu: 0, maintainer: me }],
    ["bad-changelog", { "binnmu-changelog": "Rebuild against libfoo2" }],
    ["bad-changelog", { "binnmu-changelog": `sl (5.02-1+b2) sid; urgency=low\n\n  * X.\n\n -- ${me}  now` }],
    ["bad-variable", { setenv: ["1X=y"] }],
    ["bad-variable", { setenv: ["NOT_SET_HERE"] }],
    ["bad-variable", { setenv: ["DEB_BUILD_OPTIONS=nocheck"] }],
    ["buildpackage-option", { debbuildopt: ["--build=full"] }],
    ["buildpackage-option", { debbuildopt: ["-aarm64"] }],
    ["buildpackage-option", { debbuildopt: ["nonsense"] }],
  ])("refuses as %s what means nothing: %j", (code, flags) => {
    expect(() => variation(flags)).toThrow(refused(code));
  });

  test("passes on variables by name, and by dpkg's list, but no others", () => {
    const here = { CFLAGS: "-O1", LD_LIBRARY_PATH: "/opt", TOKEN: "secret", DEB_LDFLAGS_APPEND: "-s" };

    expect(variation({ "pass-environment": true }, here)?.variables).toEqual({
      CFLAGS: "-O1",
      DEB_LDFLAGS_APPEND: "-s",
    });
    expect(variation({ setenv: ["TOKEN", "A=b=c"] }, here)?.variables).toEqual({ TOKEN: "secret", A: "b=c" });
  });

  test("hands options to dpkg's tools", () => {
    const flags = { maintainer: me, uploader: me, debbuildopt: ["-sa"], "dpkg-source-opt": ["-Zgzip"] };

    expect(variation(flags)?.buildpackage).toEqual(["-sa", "--source-option=-Zgzip", `-m${me}`, `-e${me}`]);
  });
});

describe("addedOf", () => {
  test("takes relations in the syntax of Build-Depends, and says whose fault others are", () => {
    expect(addedOf({ "add-depends": ["a (>= 1), b"] })).toEqual({ depends: ["a (>= 1), b"], conflicts: [] });
    expect(addedOf({ "add-depends": ["a"] }, "c, d")).toEqual({ depends: ["c, d", "a"], conflicts: [] });
    expect(() => addedOf({}, "c >= 1")).toThrow(refused("bad-relation"));
    expect(() => addedOf({ "add-conflicts": ["a >= 1"] })).toThrow(refused("bad-relation"));
  });
});

function variation(flags: VariationFlags, here: Readonly<Record<string, string>> = {}) {
  return variationOf(flags, here, { now: 1000, variables: {} });
}

describe("aspcud", () => {
  test("is told what is preferred", () => {
    const flags = { resolver: "aspcud", "aspcud-criteria": "-removed,-new" } as const;

    expect(choosingOf(flags)).toMatchObject({ solver: "aspcud", criteria: "-removed,-new" });
    expect(choosingOf({ ...flags, "aspcud-criteria": " -new" })).toMatchObject({ criteria: "-new" });
    expect(choosingOf({ resolver: "aspcud" })).not.toHaveProperty("criteria");
  });

  test.each([
    [{ "aspcud-criteria": "-new" }, /counts for aspcud only/],
    [{ resolver: "3.0", "aspcud-criteria": "-new" }, /counts for aspcud only/],
    [{ resolver: "aspcud", "aspcud-criteria": "new" }, /no criteria/],
    [{ resolver: "aspcud", "aspcud-criteria": "-new\nX" }, /no criteria/],
    [{ resolver: "aspcud", host: "arm64" }, /cross build/],
  ] as const)("is refused with %j", (flags, message) => {
    expect(() => choosingOf(flags)).toThrow(expect.objectContaining({ fault: "usage" }));
    expect(() => choosingOf(flags)).toThrow(message);
  });
});
