import { describe, expect, test } from "vitest";
import { installableGroups, needsOf, withSiblings } from "../../../../src/build/check/siblings.ts";
import { parseBinaryControl } from "../../../../src/debian/binary-package.ts";

const control = (name: string, ...fields: string[]) =>
  parseBinaryControl(
    `Package: ${name}\nVersion: 1.2-1\nArchitecture: amd64\n${fields.map((each) => `${each}\n`).join("")}Description: d\n`,
    name,
  );
const names = (packages: readonly { readonly name: string }[]) => packages.map(({ name }) => name);

describe("packages of one source are tried together", () => {
  test.each([
    ["when they break only older versions", control("aa", "Breaks: bb (<< 1.2)"), control("bb")],
    ["when they conflict only with older versions", control("aa", "Conflicts: bb (<= 1.1)"), control("bb")],
    [
      "when one conflicts with what it provides itself",
      control("aa", "Provides: x", "Conflicts: x"),
      control("bb"),
    ],
    [
      "when a version of what is provided without one is refused",
      control("aa", "Breaks: x (<< 2)"),
      control("bb", "Provides: x"),
    ],
    [
      "when what is provided has another version",
      control("aa", "Breaks: x (<< 2)"),
      control("bb", "Provides: x (= 2)"),
    ],
    ["when another architecture's is refused", control("aa", "Conflicts: bb:i386"), control("bb")],
  ] as const)("%s", (_, one, other) => {
    expect(installableGroups([one, other]).map(names)).toEqual([["aa", "bb"]]);
  });
});

describe("packages of one source are tried apart", () => {
  test.each([
    ["when one conflicts with another", control("aa"), control("bb", "Conflicts: aa")],
    ["when one breaks this version of another", control("aa", "Breaks:\n bb (<< 1.3),\n cc"), control("bb")],
    [
      "when both provide what they conflict with",
      control("aa", "Provides: x", "Conflicts: x"),
      control("bb", "Provides: x", "Conflicts: x"),
    ],
    [
      "when the version that is provided is refused",
      control("aa", "Breaks: x (<< 2)"),
      control("bb", "Provides: x (= 1)"),
    ],
  ] as const)("%s", (_, one, other) => {
    expect(installableGroups([one, other]).map(names)).toEqual([["aa"], ["bb"]]);
  });

  test("in as few groups as go together, each with the siblings it needs", () => {
    const built = [
      control("tool", "Depends: tool-data (= 1.2-1), tool-gtk | tool-qt"),
      control("tool-gtk", "Conflicts: tool-qt", "Depends: tool-data (= 1.2-1)"),
      control("tool-qt", "Depends: tool-data (= 1.2-1)"),
      control("tool-data"),
      control("tool-doc"),
    ];

    expect(installableGroups(built).map(names)).toEqual([
      ["tool", "tool-gtk", "tool-data", "tool-doc"],
      ["tool-qt", "tool-data"],
    ]);
  });

  test("and one that no other goes with has a group of its own, whatever it needs", () => {
    const built = [control("aa"), control("bb", "Depends: aa", "Conflicts: aa"), control("cc")];

    expect(installableGroups(built).map(names)).toEqual([
      ["aa", "cc"],
      ["aa", "bb"],
    ]);
  });
});

describe("siblings of a package", () => {
  test("are those that it depends on, and that these do", () => {
    const built = [
      control("aa", "Pre-Depends: bb"),
      control("bb", "Depends: x (>= 1)"),
      control("cc", "Provides: x (= 1)", "Depends: aa"),
      control("dd"),
    ];

    expect(names(withSiblings(["aa"], built))).toEqual(["aa", "bb", "cc"]);
  });

  test("are of alternatives the first that refuses none that was chosen", () => {
    const built = [
      control("aa", "Depends: bb | cc"),
      control("bb", "Breaks: aa"),
      control("cc"),
      control("dd"),
    ];

    expect(names(withSiblings(["aa"], built))).toEqual(["aa", "cc"]);
    expect(names(withSiblings(["aa", "bb"], built))).toEqual(["aa", "bb"]);
  });

  test("are none whose version does not do", () => {
    expect(names(withSiblings(["aa"], [control("aa", "Depends: bb (>= 2)"), control("bb")]))).toEqual(["aa"]);
  });
});

describe("what packages need of the archive", () => {
  test("leaves out what they are and provide", () => {
    const a = control("aa", "Depends: bb (= 1.2-1), vv, libc6 (>= 2.34), xx | yy");
    const b = control("bb", "Provides: vv (= 1)", "Pre-Depends: libc6 (>= 2.34), aa");

    expect(needsOf([a, b])).toBe("libc6 (>= 2.34), xx | yy");
  });

  test("has a version that what they provide is not, and no other version of them", () => {
    const a = control("aa", "Depends: vv (>= 2), bb (>= 2) | dd, bb (>= 3)");

    expect(needsOf([a, control("bb", "Provides: vv")])).toBe("dd, vv (>= 2)");
  });
});
