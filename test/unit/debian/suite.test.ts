import { describe, expect, test } from "vitest";
import { suite, suiteNames, suiteOfChangelog } from "../../../src/debian/suite.ts";

describe("suite", () => {
  test("knows a release by codename and by role", () => {
    expect(suite("stable")).toEqual(suite("trixie"));
    expect(suite("trixie")).toEqual({
      name: "trixie",
      codename: "trixie",
      alias: "stable",
      base: "trixie",
      pocket: null,
      extra: [
        { name: "trixie-updates", pocket: "updates" },
        { name: "trixie-security", pocket: "security" },
      ],
    });
    expect(suite("unstable")).toMatchObject({ name: "sid", alias: "unstable", extra: [] });
  });

  test.each([
    [
      "bookworm-backports",
      "bookworm",
      "backports",
      ["bookworm-updates", "bookworm-security", "bookworm-backports"],
    ],
    ["oldstable-security", "bookworm", "security", ["bookworm-updates", "bookworm-security"]],
    [
      "bullseye-backports-sloppy",
      "bullseye",
      "backports-sloppy",
      ["bullseye-updates", "bullseye-security", "bullseye-backports", "bullseye-backports-sloppy"],
    ],
    [
      "testing-proposed-updates",
      "forky",
      "proposed-updates",
      ["forky-updates", "forky-security", "forky-proposed-updates"],
    ],
    ["experimental", "sid", "experimental", ["experimental"]],
    ["rc-buggy", "sid", "experimental", ["experimental"]],
  ])("%s stands on %s", (name, base, pocket, extra) => {
    const found = suite(name);

    expect(found).toMatchObject({ base, pocket });
    expect(found.extra.map(({ name }) => name)).toEqual(extra);
  });

  test("finds every name that it lists, and its own names again", () => {
    for (const name of suiteNames()) expect(suite(suite(name).name)).toEqual(suite(name));
  });

  test("refuses a misspelt name with the nearest one as hint", () => {
    expect(() => suite("trixei")).toThrow(
      expect.objectContaining({ code: "unknown-suite", fault: "usage", hint: "Did you mean trixie?" }),
    );
    expect(() => suite("sid-backports")).toThrow(expect.objectContaining({ code: "unknown-suite" }));
  });

  test("takes another name as a suite of its own when told so, but no path", () => {
    expect(suite("noble", { custom: true })).toMatchObject({ name: "noble", base: "noble", extra: [] });
    expect(suite("sid", { custom: true }).alias).toBe("unstable");
    expect(() => suite("../etc", { custom: true })).toThrow(
      expect.objectContaining({ code: "unknown-suite" }),
    );
  });
});

test("a changelog's distribution means a suite, or none", () => {
  expect(suiteOfChangelog("unstable")?.name).toBe("sid");
  expect(suiteOfChangelog("trixie-security")).toMatchObject({ codename: "trixie", pocket: "security" });
  expect(suiteOfChangelog("UNRELEASED")).toBeNull();
  expect(suiteOfChangelog("noble")).toBeNull();
});
