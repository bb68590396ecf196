import { expect, test } from "vitest";
import { type CheckedBuild, inapplicable } from "../../../../src/build/check/inapplicable.ts";
import { checkNames } from "../../../../src/build/check/outcome.ts";
import { hook } from "../hook-fixture.ts";

const plain: CheckedBuild = { wanted: { any: true, all: true, source: true }, source: {} };
const after = { ...hook, name: "theirs", point: "post-build", place: "host" } as const;

test.each([
  ["an ordinary build", plain, []],
  ["a cross build", { ...plain, host: "arm64" }, ["piuparts", "autopkgtest", "reprotest", "build-depends"]],
  [
    "a tree of debian/ alone",
    { ...plain, source: { debianOnly: true } },
    ["autopkgtest", "reprotest", "build-depends"],
  ],
  [
    "a source package",
    { ...plain, wanted: { any: false, all: false, source: true } },
    checkNames.filter((name) => name !== "lintian"),
  ],
  ["a build with other variables", { ...plain, variation: { variables: { A: "b" } } }, []],
  [
    "a build with hooks that may have changed it",
    { ...plain, hooks: [hook] },
    ["reprotest", "build-depends"],
  ],
  ["a build with hooks after it", { ...plain, hooks: [after] }, []],
  [
    "a build with other options",
    { ...plain, variation: { buildpackage: ["-sa"] } },
    ["reprotest", "build-depends"],
  ],
])("%s has no use for some checks, with a reason", (_, build: CheckedBuild, names) => {
  expect(checkNames.filter((name) => inapplicable(name, build) !== null)).toEqual(names);
});
