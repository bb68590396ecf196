import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { digestOf } from "../../../src/base/digest.ts";
import {
  type Lock,
  type LockedPackage,
  describeDifference,
  difference,
  environmentKey,
  isSubset,
  sortPackages,
} from "../../../src/environment/lock.ts";

function pack(
  name: string,
  version = "1",
  architecture = "amd64",
  more: Partial<LockedPackage> = {},
): LockedPackage {
  return {
    name,
    version,
    architecture,
    sha256: digestOf(`${name} ${version} ${architecture}`),
    sizeBytes: 1,
    uri: `http://mirror.example/${name}.deb`,
    ...more,
  };
}

function lock(...packages: LockedPackage[]): Lock {
  return {
    schemaVersion: 1,
    suite: "trixie",
    architecture: "amd64",
    base: `sha256:${"b".repeat(64)}`,
    packages,
    releases: [],
  };
}

const packages = fc
  .uniqueArray(
    fc.record({
      name: fc.constantFrom("a", "b", "c", "d"),
      architecture: fc.constantFrom("amd64", "i386"),
      version: fc.constantFrom("1", "2"),
    }),
    { selector: ({ name, architecture }) => `${name}:${architecture}` },
  )
  .map((set) =>
    sortPackages(set.map(({ name, version, architecture }) => pack(name, version, architecture))),
  );

describe("an environment's key", () => {
  test("is about the packages and not about where or when they were found", () => {
    const here = lock(pack("libc6"));
    const there = lock(pack("libc6", "1", "amd64", { uri: "https://own.mirror.example/libc6.deb" }));

    const keys = [
      here,
      { ...there, releases: [{ uri: "x", digest: here.base }] },
      { ...here, suite: "sid" },
    ].map(environmentKey);

    expect(new Set(keys).size).toBe(1);
  });

  test("changes with a version, with other bytes of the same version, and with the base", () => {
    const one = lock(pack("libc6"));
    const others = [
      lock(pack("libc6", "2")),
      lock(pack("libc6", "1", "amd64", { sha256: `sha256:${"1".repeat(64)}` })),
      { ...one, base: `sha256:${"c".repeat(64)}` } as Lock,
    ];

    expect(new Set([one, ...others].map(environmentKey)).size).toBe(4);
  });
});

describe("the difference of two sets", () => {
  test("leads from any set to any other", () => {
    fc.assert(
      fc.property(packages, packages, (from, to) => {
        const { install, remove } = difference(from, to);

        const gone = new Set(
          [...remove, ...install].map(({ name, architecture }) => `${name}:${architecture}`),
        );
        const kept = from.filter(({ name, architecture }) => !gone.has(`${name}:${architecture}`));
        expect(sortPackages([...kept, ...install])).toEqual(to);
      }),
    );
  });

  test("is empty exactly when both are part of each other", () => {
    fc.assert(
      fc.property(packages, packages, (one, other) => {
        const { install, remove } = difference(one, other);

        const same = isSubset(one, other) && isSubset(other, one);
        expect(install.length + remove.length === 0).toBe(same);
      }),
    );
  });

  test("takes a package that moves between all and an architecture for replaced, not removed", () => {
    const from = [pack("tool", "1", "amd64"), pack("doc", "1", "all")];
    const to = [pack("tool", "2", "all"), pack("doc", "2", "amd64")];

    expect(difference(from, to).remove).toEqual([]);
  });

  test("installs a package again that was rebuilt in the same version", () => {
    const rebuilt = pack("libfoo", "1", "amd64", { sha256: digestOf("other bytes") });

    expect(difference([pack("libfoo")], [rebuilt]).install).toEqual([rebuilt]);
    expect(isSubset([pack("libfoo")], [rebuilt])).toBe(false);
    expect(describeDifference([pack("libfoo")], [rebuilt])).toEqual(["libfoo 1 (other bytes)"]);
  });

  test("reads as people say it", () => {
    const words = describeDifference(
      [pack("libfoo", "1.2"), pack("libbaz", "2")],
      [pack("libfoo", "1.3"), pack("libbar")],
    );

    expect(words).toEqual(["libfoo 1.2 -> 1.3", "+ libbar 1", "- libbaz 2"]);
  });
});
