import { describe, expect, test } from "vitest";
import { digestOf } from "../../../src/base/digest.ts";
import { askedFor, rebuildOfBuildinfo } from "../../../src/build/asked-by-buildinfo.ts";
import { buildinfoOfLock } from "../../../src/build/buildinfo-of-lock.ts";
import { jobsOf } from "../../../src/build/lock-of-buildinfo.ts";
import { parseBuildinfo } from "../../../src/debian/buildinfo.ts";
import type { LockFile } from "../../../src/environment/lock-file.ts";
import type { Rebuild } from "../../../src/environment/variation.ts";

const locked = (name: string, version: string, architecture = "amd64") => ({
  name,
  version,
  architecture,
  sha256: digestOf(`${name}${version}`),
  sizeBytes: 1,
  uri: `http://mirror.example/debian/pool/${name}.deb`,
});

const lockFile: LockFile = {
  kind: "debkiln-lock",
  schemaVersion: 1,
  lock: {
    schemaVersion: 1,
    suite: "trixie",
    architecture: "amd64",
    base: digestOf("base"),
    packages: [
      locked("debhelper", "13.24.2", "all"),
      locked("g++", "4:14.2.0-1"),
      locked("libc6", "2.41-12"),
      locked("libc6", "2.41-12", "i386"),
    ],
    releases: [],
  },
  base: [],
  source: {
    name: "hello",
    version: "1:2.10-3",
    files: [{ name: "hello_2.10-3.dsc", sha256: digestOf("dsc"), sizeBytes: 7, uri: null }],
  },
  build: {
    wanted: { any: true, all: false, source: true },
    profiles: ["nodoc"],
    buildOptions: ["nocheck", "terse"],
  },
};

describe("a lock as a .buildinfo", () => {
  const buildinfo = parseBuildinfo(buildinfoOfLock(lockFile), "lock.buildinfo");

  test("has the lock's packages, foreign ones with their architecture", () => {
    expect(buildinfo.installed).toEqual([
      { name: "debhelper", version: "13.24.2", architecture: null },
      { name: "g++", version: "4:14.2.0-1", architecture: null },
      { name: "libc6", version: "2.41-12", architecture: null },
      { name: "libc6", version: "2.41-12", architecture: "i386" },
    ]);
  });

  test("has the source and what was asked for", () => {
    expect(buildinfo).toMatchObject({
      source: "hello",
      version: "1:2.10-3",
      sourceVersion: "1:2.10-3",
      binaryOnlyChanges: null,
      architectures: ["amd64", "source"],
      buildArchitecture: "amd64",
      buildPath: "/build/reproducible-path/hello-2.10",
      environment: { DEB_BUILD_OPTIONS: "nocheck terse", DEB_BUILD_PROFILES: "nodoc" },
      files: [{ name: "hello_2.10-3.dsc", size: 7 }],
    });
  });

  test("cannot be made of a tree's lock", () => {
    const tree = { ...lockFile, source: { name: "hello", version: "1.0", files: [] } };

    expect(() => buildinfoOfLock(tree)).toThrow(expect.objectContaining({ code: "source-not-locked" }));
  });
});

describe("the lock of a binary-only rebuild as a .buildinfo", () => {
  const made = { number: 2, suffix: null, text: "Again", maintainer: "A <a@b>", date: 86400 } as const;
  const entry =
    "hello (1:2.10-3+b2) trixie; urgency=low, binary-only=yes\n\n" +
    "  * Binary-only non-maintainer upload for amd64; no source changes.\n  * Again\n\n" +
    " -- A <a@b>  Fri, 02 Jan 1970 00:00:00 +0000";

  test.each<[string, Rebuild]>([
    ["given", { entry }],
    ["made of its parts", made],
  ])("has its entry %s, and gives it back", (_, rebuild) => {
    const text = buildinfoOfLock(rebuilt(rebuild));
    const buildinfo = parseBuildinfo(text, "lock.buildinfo");

    expect(text).toContain("urgency=low, binary-only=yes\n .\n   * Binary-only");
    expect(buildinfo).toMatchObject({
      source: "hello",
      version: "1:2.10-3+b2",
      sourceVersion: "1:2.10-3",
      architectures: ["amd64"],
      buildPath: "/build/reproducible-path/hello-2.10",
    });
    const back = rebuildOfBuildinfo(buildinfo, "lock.buildinfo");
    expect(back).toEqual({ entry });
    expect(askedFor(buildinfo, back)).toEqual({
      ...lockFile.build,
      wanted: { any: true, all: false, source: false },
      variation: { rebuild: { entry } },
    });
  });

  test("is refused where the entry has no date yet", () => {
    expect(() => buildinfoOfLock(rebuilt({ ...made, date: "increment" }))).toThrow(
      expect.objectContaining({ code: "entry-undated", fault: "usage" }),
    );
  });
});

describe("the jobs of a .buildinfo", () => {
  const buildinfo = parseBuildinfo(buildinfoOfLock(lockFile), "lock.buildinfo");

  test.each([
    ["nocheck parallel=4", 4],
    ["parallel=0", null],
    ["nocheck", null],
    ["noparallel=3", null],
  ])("of the options %s", (options, jobs) => {
    expect(jobsOf({ ...buildinfo, environment: { DEB_BUILD_OPTIONS: options } })).toBe(jobs);
  });
});

function rebuilt(rebuild: Rebuild): LockFile {
  const { build } = lockFile;
  return { ...lockFile, build: build === null ? null : { ...build, variation: { rebuild } } };
}
