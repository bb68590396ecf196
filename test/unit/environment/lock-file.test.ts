import { describe, expect, test } from "vitest";
import { digestOf } from "../../../src/base/digest.ts";
import {
  type LockFile,
  formatLockFile,
  packagesBeyondBase,
  parseLockFile,
} from "../../../src/environment/lock-file.ts";
import type { Variation } from "../../../src/environment/variation.ts";

const libc = {
  name: "libc6",
  version: "2.41-12",
  architecture: "amd64",
  sha256: digestOf("libc6"),
  sizeBytes: 3,
  uri: "http://mirror.example/debian/pool/main/g/glibc/libc6_2.41-12_amd64.deb",
};

const lockFile: LockFile = {
  kind: "debkiln-lock",
  schemaVersion: 1,
  lock: {
    schemaVersion: 1,
    suite: "trixie",
    architecture: "amd64",
    base: digestOf("base"),
    packages: [libc],
    releases: [],
  },
  base: [libc],
  source: {
    name: "hello",
    version: "1.0",
    files: [{ name: "hello_1.0.dsc", sha256: digestOf("dsc"), sizeBytes: 3, uri: null }],
  },
  build: { wanted: { any: true, all: true, source: false }, profiles: [], buildOptions: ["nocheck"] },
};

const entry =
  "hello (1.0+b1) sid; urgency=low, binary-only=yes\n\n  * Again.\n\n -- A <a@b>  Fri, 02 Jan 1970 00:00:00 +0000";

function withVariation(variation: Variation): string {
  return altered((copy) => (copy["build"] = { ...lockFile.build, variation }));
}

/** The lock with something else in it, as text. */
function altered(change: (copy: Record<string, unknown>) => void): string {
  const copy: Record<string, unknown> = structuredClone(lockFile);
  change(copy);
  return JSON.stringify(copy);
}

describe("a lock file", () => {
  test("is read as it was written", () => {
    expect(parseLockFile(formatLockFile(lockFile), "lock.json")).toEqual(lockFile);
  });

  test("may hold the tools of an image beside its packages, and what both have once", () => {
    const other = (name: string) => ({ ...libc, name, sha256: digestOf(name) });
    const [common, ukify] = [other("zlib1g"), other("systemd-ukify")];
    const held: LockFile = {
      ...lockFile,
      lock: { ...lockFile.lock, packages: [libc, common] },
      tools: { ...lockFile.lock, packages: [libc, ukify, common] },
    };

    expect(packagesBeyondBase(parseLockFile(formatLockFile(held), "lock.json"))).toEqual([common, ukify]);
  });

  test.each<[string, Variation]>([
    ["as it was given", { rebuild: { entry } }],
    [
      "made of its parts",
      { rebuild: { number: 1, suffix: null, text: "x", maintainer: "A <a@b>", date: "increment" } },
    ],
  ])("may hold a rebuild's changelog entry %s", (_, variation) => {
    const rebuilt = withVariation(variation);

    expect(parseLockFile(rebuilt, "lock.json").build?.variation).toEqual(variation);
    expect(formatLockFile(parseLockFile(rebuilt, "lock.json"))).toContain('"rebuild"');
  });

  test.each([
    ["of another source", entry.replace("hello", "hullo"), "makes no other version of its source"],
    ["of the source's own version", entry.replace("+b1", ""), "makes no other version of its source"],
    ["that is none", "hello (1.0+b1)", "build.variation.rebuild.entry: the entry, line 1 is not"],
    ["with a control character", entry.replace("Again", "\u001b[2J"), "control characters"],
  ])("is refused with an entry %s", (_, text, why) => {
    expect(() => parseLockFile(withVariation({ rebuild: { entry: text } }), "lock.json")).toThrow(
      expect.objectContaining({ code: "bad-lock", fault: "usage", message: expect.stringContaining(why) }),
    );
  });

  test.each<[string, string, string]>([
    [
      "has tools on another base",
      altered((copy) => (copy["tools"] = { ...lockFile.lock, base: digestOf("b") })),
      "bad-lock",
    ],
    ["is no JSON", "base: trixie", "bad-lock"],
    ["is something else", '{"schemaVersion": 1}', "bad-lock"],
    ["is of a newer form", altered((copy) => (copy["schemaVersion"] = 2)), "lock-too-new"],
    ["has an unknown member", altered((copy) => (copy["more"] = true)), "bad-lock"],
    [
      "has a digest that is none",
      altered((copy) => (copy["lock"] = { ...lockFile.lock, base: "sha256:beef" })),
      "bad-lock",
    ],
    ["has a package twice", altered((copy) => (copy["base"] = [libc, libc])), "bad-lock"],
    [
      "has a package whose name is an option",
      altered((copy) => (copy["base"] = [{ ...libc, name: "-oDpkg::Pre-Invoke::=id" }])),
      "bad-lock",
    ],
    [
      "has a version that leads elsewhere",
      altered((copy) => (copy["base"] = [{ ...libc, version: "1/../../x" }])),
      "bad-lock",
    ],
    [
      "has a source file that leads elsewhere",
      altered((copy) => {
        const files = [{ name: "../hello.dsc", sha256: digestOf("dsc"), sizeBytes: 3, uri: null }];
        copy["source"] = { ...lockFile.source, files };
      }),
      "unsafe-file-name",
    ],
    [
      "has source files without a .dsc",
      altered((copy) => {
        const files = [{ name: "hello.tar.xz", sha256: digestOf("dsc"), sizeBytes: 3, uri: null }];
        copy["source"] = { ...lockFile.source, files };
      }),
      "bad-lock",
    ],
  ])("is refused when it %s", (_, text, code) => {
    expect(() => parseLockFile(text, "lock.json")).toThrow(expect.objectContaining({ code }));
  });
});
