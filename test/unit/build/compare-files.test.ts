import { expect, test } from "vitest";
import { digestOf } from "../../../src/base/digest.ts";
import { compareFiles } from "../../../src/build/compare-files.ts";

test("files are compared by name and content", () => {
  const compared = compareFiles(
    [file("a.deb"), file("b.deb"), file("c.deb")],
    [file("d.deb"), file("b.deb", "other"), file("a.deb")],
  );

  expect(compared).toEqual([
    { name: "a.deb", verdict: "identical", expected: digestOf("a.deb"), built: digestOf("a.deb") },
    { name: "b.deb", verdict: "different", expected: digestOf("b.deb"), built: digestOf("other") },
    { name: "c.deb", verdict: "missing", expected: digestOf("c.deb"), built: null },
    { name: "d.deb", verdict: "unknown", expected: null, built: digestOf("d.deb") },
  ]);
});

function file(name: string, content = name) {
  return { name, sha256: digestOf(content) };
}
