import { expect, test } from "vitest";
import { digestOf } from "../../../src/base/digest.ts";
import { lockText } from "../../../src/cli/render/lock.ts";
import type { LockFile } from "../../../src/environment/lock-file.ts";
import type { Rebuild } from "../../../src/environment/variation.ts";

const base = digestOf("base");
const lock = {
  schemaVersion: 1,
  suite: "trixie",
  architecture: "amd64",
  base,
  packages: [],
  releases: [],
} as const;
const build = { wanted: { any: true, all: false, source: false }, profiles: [], buildOptions: [] };
const lockFile: LockFile = {
  kind: "debkiln-lock",
  schemaVersion: 1,
  lock,
  base: [],
  source: { name: "sl", version: "5.02-1", files: [] },
  build,
};

test.each<[string, Rebuild]>([
  ["made", { number: 2, suffix: "~x", text: "x", maintainer: "A <a@b>", date: "increment" }],
  [
    "given",
    {
      entry: "sl (5.02-1~x+b2) sid; binary-only=yes\n\n  * x\n\n -- A <a@b>  Fri, 02 Jan 1970 00:00:00 +0000",
    },
  ],
])("a lock tells of the version that a changelog entry makes, %s", (_, rebuild) => {
  const said = lockText("lock.json", { ...lockFile, build: { ...build, variation: { rebuild } } });

  expect(said).toMatch(
    /^lock\.json: sl 5\.02-1 for trixie amd64\n {2}its packages are rebuilt as 5\.02-1~x\+b2\n/,
  );
  expect(lockText("lock.json", lockFile)).not.toContain("rebuilt");
});
