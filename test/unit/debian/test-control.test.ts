import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Failure } from "../../../src/base/failure.ts";
import { parseTestControl } from "../../../src/debian/test-control.ts";

describe("debian/tests/control", () => {
  test("gives each test of a stanza its name, file and restrictions", () => {
    const text = "Tests: one, two\nDepends: @, hello,\n bye\nRestrictions: needs-root allow-stderr\n";

    const tests = parseTestControl(text, "control");

    const common = {
      depends: "@, hello, bye",
      restrictions: ["needs-root", "allow-stderr"],
      architectures: [],
    };
    expect(tests).toEqual([
      { name: "one", run: { path: "debian/tests/one" }, ...common },
      { name: "two", run: { path: "debian/tests/two" }, ...common },
    ]);
  });

  test("names commands by their feature, or by their number", () => {
    const text =
      "Test-Command: true\nFeatures: test-name=smoke\n\nTests: a\nTests-Directory: t/auto\nArchitecture: !s390x\n\nTest-Command: false\n";

    const tests = parseTestControl(text, "control");

    expect(tests.map(({ name, run, architectures }) => [name, run, architectures])).toEqual([
      ["smoke", { command: "true" }, []],
      ["a", { path: "t/auto/a" }, ["!s390x"]],
      ["command3", { command: "false" }, []],
    ]);
    expect(tests.every(({ depends }) => depends === "@")).toBe(true);
  });

  test.each([
    ["a path as a name", "Tests: ../../etc/passwd\n"],
    ["an option as a name", "Tests: -rf\n"],
    ["a directory above the tree", "Tests: a\nTests-Directory: ../..\n"],
    ["an absolute directory", "Tests: a\nTests-Directory: /etc\n"],
    ["no test", "Depends: @\n"],
    ["both kinds of test", "Tests: a\nTest-Command: true\n"],
    ["a name twice", "Tests: a a\n"],
  ])("is refused with %s", (_, text) => {
    expect(() => parseTestControl(text, "control")).toThrow(
      expect.objectContaining({ fault: "package", code: "bad-control-data" }),
    );
  });

  test("gives tests or a failure, whatever it holds", () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom("Tests: a b", "Test-Command: x", "Depends: @", "", " more", "Features: test-name=q"),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        expect(namesOrCode(lines.join("\n"))).toMatch(/^([\w+.-]+ ?)*$/);
      }),
    );
  });
});

function namesOrCode(text: string): string {
  try {
    return parseTestControl(text, "control")
      .map(({ name }) => name)
      .join(" ");
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown.code;
    throw thrown;
  }
}
