import { expect, test } from "vitest";
import { missingFailure, sourcesIn } from "../../../src/environment/source-missing.ts";
import { Target } from "../../../src/environment/target.ts";

const target = Target.parse({ suite: "trixie", architecture: "amd64" });

test.each([
  ["sl", "9-1", { known: [{ source: "sl", version: "5.02-1" }], names: [] }, "There is sl=5.02-1."],
  [
    "zlib1g-dev",
    null,
    { known: [{ source: "zlib", version: "1:1.3-1" }], names: [] },
    "zlib1g-dev is a binary package of the source zlib: name that.",
  ],
  ["figlett", null, { known: [], names: ["toilet", "figlet"] }, "Did you mean figlet?"],
  ["xyzzy", null, { known: [], names: ["figlet"] }, expect.stringContaining("./NAME")],
])("of %s %s that the archive has not, it is said what it has", (name, version, instead, hint) => {
  expect(missingFailure({ name, version, target, output: "" }, instead)).toMatchObject({
    code: "source-not-found",
    fault: "usage",
    hint,
  });
});

test("reads the sources that apt-cache shows, and passes over what is none", () => {
  const shown =
    "Package: zlib\nBinary: zlib1g, zlib1g-dev\nVersion: 1:1.3.dfsg-1\nFiles:\n 0123 45 zlib.dsc\n\nPackage: Ba d\nVersion: 1\n\n";

  expect(sourcesIn(shown)).toEqual([{ source: "zlib", version: "1:1.3.dfsg-1" }]);
});
