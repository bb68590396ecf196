import { describe, expect, test } from "vitest";
import { Parser } from "@oclif/core";
import { binariesOf, sourceOnly } from "../../../src/cli/build-request.ts";
import { BuildCommand } from "../../../src/cli/commands/build.ts";
import { asSettings } from "../../../src/cli/flags.ts";
import { policyOf } from "../../../src/cli/garbage.ts";
import { readSettings } from "../../../src/cli/read-settings.ts";
import { targetOf } from "../../../src/cli/target.ts";

async function parse(...argv: string[]) {
  const { flags, args, baseFlags, strict } = BuildCommand;
  return await Parser.parse(argv, { flags: { ...baseFlags, ...flags }, args, strict });
}

async function settingsOf(...argv: string[]) {
  const parsed = await parse(...argv);
  const environment = {
    XDG_CONFIG_HOME: "/nonexistent",
    DEBKILN_FROZEN: "1",
    DEBKILN_CHECK_VALID_UNTIL: "no",
  };
  const { values } = await readSettings(asSettings(parsed.flags), "/", environment);
  return { ...parsed, settings: values };
}

describe("the flags of build", () => {
  test("override the settings of the same name", async () => {
    const line =
      "-j 3 -o /out --memory 2G --cpus 1.5 --timeout 1h --silence-timeout 5m --max-age 1d " +
      "--profiles nocheck,nodoc --build-option terse --build-option nostrip sl";

    const { settings, argv } = await settingsOf(...line.split(" "));

    expect(settings).toMatchObject({
      jobs: 3,
      output: "/out",
      memory: 2 * 1024 ** 3,
      cpus: 1.5,
      timeout: 3_600_000,
      silence_timeout: 300_000,
      max_age: 86_400_000,
      profiles: ["nocheck", "nodoc"],
      build_options: ["terse", "nostrip"],
      frozen: true,
      check_valid_until: false,
    });
    expect(argv).toEqual(["sl"]);
  });

  test("turn a setting off as well as on", async () => {
    const { settings } = await settingsOf("--no-frozen", "--check-valid-until");

    expect(settings).toMatchObject({ frozen: false, check_valid_until: true });
  });

  test("leave what follows a list's flag to the sources", async () => {
    const { argv, flags } = await settingsOf(
      "-A",
      "--profiles",
      "nocheck",
      ".",
      "--repository",
      "x.sources",
      "jq",
    );

    expect(argv).toEqual([".", "jq"]);
    expect(flags).toMatchObject({ repository: ["x.sources"], "arch-all": true });
  });
});

describe("which packages are built", () => {
  test.each([
    ["all of a tree, with its source", [], "tree", { any: true, all: true, source: true }],
    ["all binaries of a .dsc", [], "dsc", { any: true, all: true, source: false }],
    ["with -s the source of a .dsc too", ["-s"], "dsc", { any: true, all: true, source: true }],
    [
      "with -A and --arch-any all of them, too",
      ["-A", "--arch-any"],
      "tree",
      { any: true, all: true, source: true },
    ],
    ["without the dependent ones", ["--no-arch-any"], "tree", { any: false, all: true, source: false }],
    ["without the independent ones", ["--no-arch-all"], "tree", { any: true, all: false, source: false }],
    ["without the source", ["--no-source"], "tree", { any: true, all: true, source: false }],
    [
      "without the dependent ones and with -s, the others and the source",
      ["--no-arch-any", "-s"],
      "tree",
      { any: false, all: true, source: true },
    ],
  ] as const)("%s", async (_, argv, layout, wanted) => {
    const { flags } = await parse(...argv);

    expect(binariesOf(flags)(layout)).toEqual(wanted);
  });

  test("by `debkiln source` the source alone", () => {
    expect(sourceOnly("tree")).toEqual({ any: false, all: false, source: true });
  });
});

describe("the target", () => {
  const definitions = {
    DEBKILN_TARGETS__MINE__SUITE: "bookworm",
    DEBKILN_TARGETS__MINE__MIRROR: "http://mine.mirror.example/debian",
    DEBKILN_TARGETS__MINE__CHECK_VALID_UNTIL: "no",
    DEBKILN_MIRROR: "http://all.mirror.example/debian",
    XDG_CONFIG_HOME: "/nonexistent",
  };

  async function target(flags: Parameters<typeof targetOf>[0], distribution: string | null = null) {
    return targetOf(flags, (await readSettings({}, "/", definitions)).values, distribution);
  }

  test("is the flags' before its definition's before the settings'", async () => {
    expect(await target({ target: "mine" })).toMatchObject({
      suite: "bookworm",
      mirror: "http://mine.mirror.example/debian",
      check_valid_until: false,
    });
    expect(await target({ target: "debian-sid-arm64" })).toMatchObject({
      suite: "sid",
      architecture: "arm64",
      mirror: "http://all.mirror.example/debian",
      check_valid_until: true,
    });
    expect(
      await target({ target: "mine", mirror: "http://flag.mirror.example/", "check-valid-until": true }),
    ).toMatchObject({ mirror: "http://flag.mirror.example/", check_valid_until: true });
  });

  test("is the changelog's suite unless a flag names another", async () => {
    expect(await target({}, "bookworm-backports")).toMatchObject({ suite: "bookworm-backports" });
    expect(await target({ dist: "sid" }, "bookworm")).toMatchObject({ suite: "sid" });
    expect(await target({ target: "mine", arch: "i386" }, "sid")).toMatchObject({
      suite: "bookworm",
      architecture: "i386",
    });
  });

  test("is not known without an architecture, which the hint adds", async () => {
    await expect(target({ target: "debian-bookworm" })).rejects.toMatchObject({
      code: "unknown-target",
      hint: expect.stringMatching(/^Did you mean debian-bookworm-[a-z0-9]+\?$/),
    });
  });

  test("is not taken from what every object has", async () => {
    await expect(target({ target: "constructor" })).rejects.toMatchObject({ code: "unknown-target" });
  });
});

describe("policyOf", () => {
  const hour = 3_600_000;

  test.each([
    [{}, { olderThanMs: 720 * hour, keepLast: null, maxBytes: null, idleMs: hour }],
    [{ "keep-last": 0 }, { olderThanMs: null, keepLast: 0, maxBytes: null, idleMs: hour }],
    [{ "max-size": "20G" }, { olderThanMs: null, keepLast: null, maxBytes: 20 * 1024 ** 3, idleMs: hour }],
    [{ "older-than": "0" }, { olderThanMs: 0, keepLast: null, maxBytes: null, idleMs: 0 }],
    [{ "older-than": "2d" }, { olderThanMs: 48 * hour, keepLast: null, maxBytes: null, idleMs: hour }],
  ])("makes of %j the rules %j", (flags, policy) => {
    expect(policyOf(flags)).toEqual(policy);
  });

  test("refuses what is no duration", () => {
    expect(() => policyOf({ "older-than": "soon" })).toThrow(
      expect.objectContaining({ code: "duration-malformed" }),
    );
  });
});
