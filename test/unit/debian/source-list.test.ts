import { describe, expect, test } from "vitest";
import {
  archiveSource,
  newestSources,
  packagesMeant,
  reverseNeeds,
} from "../../../src/debian/source-list.ts";

function source(name: string, fields: readonly string[], version = "1.0") {
  const text = [
    `Package: ${name}`,
    `Version: ${version}`,
    "Architecture: any",
    `Binary: ${name}, ${name}-dev`,
    ...fields,
  ];
  const found = archiveSource(text.join("\n"), "Sources");
  if (found === null) throw new Error("left out");
  return found;
}

const amd64 = { architecture: "amd64", profiles: [] };

describe("what needs a package to be built", () => {
  const sources = [
    source("zz", ["Build-Depends: libx-dev (>= 1), libxy-dev"]),
    source("indep", ["Build-Depends-Indep: tool | libx-dev"]),
    source("elsewhere", ["Build-Depends: libx-dev [arm64]"]),
    source("tested", ["Build-Depends: libx-dev <!nocheck>"]),
    source("like", ["Build-Depends: libx-dev-extra, my-libx-dev"]),
    source("hurd", ["Build-Depends: libx-dev", "X: y"].slice(0, 1)),
  ].map((each) => (each.name === "hurd" ? { ...each, architectures: ["hurd-any"] } : each));

  test("is told by source and by the entries that say so, for the architecture", () => {
    expect(reverseNeeds(sources, new Set(["libx-dev"]), amd64)).toEqual([
      {
        source: "indep",
        version: "1.0",
        relations: [{ field: "Build-Depends-Indep", relation: "tool | libx-dev" }],
      },
      {
        source: "tested",
        version: "1.0",
        relations: [{ field: "Build-Depends", relation: "libx-dev <!nocheck>" }],
      },
      { source: "zz", version: "1.0", relations: [{ field: "Build-Depends", relation: "libx-dev (>= 1)" }] },
    ]);
  });

  test("depends on the profiles", () => {
    const names = reverseNeeds(sources, new Set(["libx-dev"]), { ...amd64, profiles: ["nocheck"] });

    expect(names.map((each) => each.source)).toEqual(["indep", "zz"]);
  });
});

describe("the sources of an archive", () => {
  test("are the newest of each name", () => {
    const all = [
      source("a1", [], "1.0"),
      source("a1", [], "1.0+deb1"),
      source("b1", []),
      source("a1", [], "1.0~rc"),
    ];

    expect(newestSources(all).map(({ name, version }) => `${name} ${version}`)).toEqual([
      "a1 1.0+deb1",
      "b1 1.0",
    ]);
  });

  test("do not have those that are only kept for what was built with them", () => {
    expect(archiveSource("Package: old\nVersion: 1\nExtra-Source-Only: yes\n", "Sources")).toBeNull();
  });
});

describe("what a user's word for packages means", () => {
  const sources = [source("alpha", []), source("beta", ["Build-Depends: virtual-thing (>= 1) | other"])];

  test.each([
    ["alpha-dev", ["alpha-dev"]],
    ["src:alpha", ["alpha", "alpha-dev"]],
    ["virtual-thing", ["virtual-thing"]],
  ])("%s", (word, names) => {
    expect(packagesMeant(word, sources)).toEqual(names);
  });

  test.each([
    ["alfa-dev", "Did you mean alpha-dev?"],
    ["src:betta", "Did you mean src:beta?"],
    [
      "nothing-like-it",
      "Name a binary package, or src:NAME for all packages of a source; check the suite (-d).",
    ],
  ])("%s is unknown", (word, hint) => {
    expect(() => packagesMeant(word, sources)).toThrow(
      expect.objectContaining({ fault: "usage", code: "package-unknown", hint }),
    );
  });
});
