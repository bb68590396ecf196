import { describe, expect, test } from "vitest";
import type { OpenedSource, SourceArgument } from "../../../src/build/source.ts";
import { sourceFromControl } from "../../../src/debian/source-package.ts";
import { cacheOf, whyRelease } from "../../../src/cli/compiler-cache.ts";

const settings = { ccache_program: "ccache" as const, ccache_size: 1000, ccache_read_only: false };
const tree: SourceArgument = { kind: "tree", directory: "/jq" };
const named: SourceArgument = { kind: "package", name: "jq", version: null };

describe("a compiler cache", () => {
  test("is the source package's own, unless it is named", () => {
    expect(cacheOf({ source: source() }, tree, settings, undefined).project).toBe("jq");
    expect(cacheOf({ source: source() }, tree, settings, "tools").project).toBe("tools");
  });

  test("is shared neither by what came from elsewhere nor by what is trusted otherwise, whatever it calls itself", () => {
    const trusts = [
      cacheOf({ source: source(), trust: "trusted" }, tree, settings, "jq"),
      cacheOf({ source: source(), trust: "untrusted" }, tree, settings, "jq"),
      cacheOf({ source: source(), trust: "trusted" }, named, settings, "jq"),
      cacheOf({ source: source() }, tree, { ...settings, ccache_trust: "pull-request" }, "jq"),
      cacheOf({ source: source(), trust: "untrusted" }, tree, { ...settings, ccache_trust: "local" }, "jq"),
    ].map(({ trust }) => trust);

    expect(trusts).toEqual([
      "trusted-local",
      "untrusted-local",
      "trusted-archive",
      "trusted-pull-request",
      "untrusted-local",
    ]);
  });

  test.each(["", "../etc", "a b", "A", "-x", "x".repeat(200)])("cannot be called %j", (name) => {
    expect(() => cacheOf({ source: source() }, tree, settings, name)).toThrow(/no name for a cache/);
  });
});

test.each([
  ["UNRELEASED", {}, null],
  [null, {}, null],
  ["unstable", {}, /for unstable/],
  ["UNRELEASED", { sign: true }, /signed/],
  ["UNRELEASED", { provenance: true }, /provenance/],
])("a build for %s with %j counts as a release or not", (distribution, flags, why) => {
  const found = whyRelease(distribution, flags);

  expect(found === null ? null : why?.test(found)).toBe(why === null ? null : true);
});

function source(): OpenedSource {
  const control = "Source: jq\nMaintainer: A <a@b>\n\nPackage: jq\nArchitecture: any\nDescription: x\n";
  const changelog =
    "jq (1) UNRELEASED; urgency=low\n\n  * x\n\n -- A <a@b>  Thu, 01 Jan 2026 00:00:00 +0000\n";
  return {
    package: sourceFromControl({ control, changelog, format: "3.0 (native)" }),
    layout: "tree",
    directory: "/jq",
    dscName: null,
    treeName: "jq-1",
    origin: "/jq",
    origTarballs: [],
    digest: null,
    files: [],
    tar: () => {
      throw new Error("not read");
    },
  };
}
