import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { configFiles, environmentLayer, fileLayer, flagLayer } from "../../../src/base/config-layers.ts";
import { layConfig } from "../../../src/base/config.ts";
import type { Layer } from "../../../src/base/config.ts";
import { parseToml } from "../../../src/base/toml.ts";

const Schema = z.strictObject({
  jobs: z.int().min(1).optional().describe("Parallel jobs"),
  max_age: z.string().describe("How old"),
  frozen: z.boolean().optional(),
  profiles: z.array(z.string()).optional(),
  targets: z
    .record(z.string(), z.strictObject({ suite: z.string(), mirror: z.string().optional() }))
    .optional(),
});

const builtIn: Layer = { values: { max_age: "15m", profiles: ["a", "b"] }, place: () => "built-in" };

function toml(text: string, file = "f.toml"): Layer {
  const { values, lineOf } = parseToml(text, file);
  return { values, place: (path) => `${file}:${lineOf(path)}` };
}

function readEnvironment(environment: Record<string, string>) {
  return layConfig(Schema, [builtIn, environmentLayer(Schema, "KILN_", ["DEBUG", "TEST_*"], environment)]);
}

describe("layConfig", () => {
  test("lays later layers over earlier ones and remembers where each value came from", () => {
    const config = layConfig(Schema, [
      builtIn,
      toml('max_age = "1h"\n[targets.a]\nsuite = "trixie"'),
      toml("jobs = 2", "g.toml"),
    ]);

    expect(config.values).toEqual({
      max_age: "1h",
      profiles: ["a", "b"],
      targets: { a: { suite: "trixie" } },
      jobs: 2,
    });
    expect(config.settings).toEqual([
      { key: "jobs", path: ["jobs"], value: 2, origin: "g.toml:1" },
      { key: "max_age", path: ["max_age"], value: "1h", origin: "f.toml:1" },
      { key: "profiles", path: ["profiles"], value: ["a", "b"], origin: "built-in" },
      { key: "targets.a.suite", path: ["targets", "a", "suite"], value: "trixie", origin: "f.toml:3" },
    ]);
  });

  test("merges tables and replaces lists", () => {
    const lower = toml('profiles = ["x"]\n[targets.a]\nsuite = "trixie"');
    const upper = toml(
      '[targets.a]\nsuite = "sid"\nmirror = "http://mirror.example"\n[targets.b]\nsuite = "forky"',
    );

    const { values } = layConfig(Schema, [builtIn, lower, upper]);

    expect(values.profiles).toEqual(["x"]);
    expect(values.targets).toEqual({
      a: { suite: "sid", mirror: "http://mirror.example" },
      b: { suite: "forky" },
    });
  });

  test("names file, line and the nearest right key for a misspelt one", () => {
    expect(() => layConfig(Schema, [builtIn, toml('jobs = 2\nmax_aeg = "1h"')])).toThrow(
      expect.objectContaining({
        fault: "usage",
        code: "config-unknown-key",
        message: 'f.toml:2: there is no setting "max_aeg"',
        hint: "Did you mean max_age?",
      }),
    );
  });

  test("does so inside tables", () => {
    expect(() =>
      layConfig(Schema, [builtIn, toml('[targets.mine]\nsuit = "trixie"\nsuite = "sid"')]),
    ).toThrow(
      expect.objectContaining({
        message: 'f.toml:2: there is no setting "targets.mine.suit"',
        hint: "Did you mean targets.mine.suite?",
      }),
    );
  });

  test("lists the keys when none is near", () => {
    expect(() => layConfig(Schema, [builtIn, toml("zebra = 1")])).toThrow(
      expect.objectContaining({ hint: "The keys here are: jobs, max_age, frozen, profiles, targets." }),
    );
  });

  test("names a flag and the value once", () => {
    const flag: Layer = { values: { jobs: "many" }, place: () => "--jobs" };

    expect(() => layConfig(Schema, [builtIn, flag])).toThrow('--jobs: expected number, not "many"');
  });

  test("names file, line, the value and what the setting is for when the type is wrong", () => {
    expect(() => layConfig(Schema, [builtIn, toml('\njobs = "many"')])).toThrow(
      expect.objectContaining({
        code: "config-invalid-value",
        message: 'f.toml:2: jobs: expected number, not "many"',
        hint: "jobs is: Parallel jobs",
      }),
    );
  });
});

describe("environmentLayer", () => {
  test("derives keys from names and types from the schema", () => {
    const { values, settings } = readEnvironment({
      KILN_JOBS: "8",
      KILN_MAX_AGE: "2h",
      KILN_FROZEN: "yes",
      KILN_PROFILES: "nocheck, nodoc",
      KILN_TARGETS__MINE__SUITE: "sid",
      PATH: "/bin",
    });

    expect(values).toEqual({
      jobs: 8,
      max_age: "2h",
      frozen: true,
      profiles: ["nocheck", "nodoc"],
      targets: { mine: { suite: "sid" } },
    });
    expect(settings.find(({ key }) => key === "targets.mine.suite")?.origin).toBe(
      "KILN_TARGETS__MINE__SUITE",
    );
  });

  test("passes over reserved and empty variables", () => {
    expect(
      readEnvironment({ KILN_DEBUG: "1", KILN_TEST_ENGINE: "x", KILN_JOBS: "" }).values.jobs,
    ).toBeUndefined();
  });

  test("suggests the nearest variable", () => {
    expect(() => readEnvironment({ KILN_MAXAGE: "1h" })).toThrow(
      expect.objectContaining({ code: "config-unknown-key", hint: "Did you mean KILN_MAX_AGE?" }),
    );
  });

  test.each([
    ["KILN_JOBS", "many", "expected a number"],
    ["KILN_JOBS", "0", "KILN_JOBS: jobs: "],
    ["KILN_FROZEN", "perhaps", "expected yes or no"],
  ])("refuses %s=%s", (name, value, message) => {
    expect(() => readEnvironment({ [name]: value })).toThrow(message);
  });
});

describe("flagLayer", () => {
  test("takes the flags that are settings and were given", () => {
    const { values, settings } = layConfig(Schema, [
      builtIn,
      flagLayer(Schema, { "max-age": "3h", jobs: undefined, json: true }),
    ]);

    expect(values.max_age).toBe("3h");
    expect(settings.find(({ key }) => key === "max_age")?.origin).toBe("--max-age");
  });
});

describe("configuration files", () => {
  let directory = "";

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "config-"));
  });

  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  test("are the system's, the user's and the nearest project's upward", async () => {
    mkdirSync(join(directory, "a/b/c"), { recursive: true });
    writeFileSync(join(directory, ".kiln.toml"), "");
    writeFileSync(join(directory, "a/.kiln.toml"), "");

    const files = await configFiles("kiln", join(directory, "a/b/c"), { XDG_CONFIG_HOME: "/x" });

    expect(files).toEqual({
      system: "/etc/kiln/config.toml",
      user: "/x/kiln/config.toml",
      project: { path: join(directory, "a/.kiln.toml"), distrusted: null },
    });
  });

  test("lie in ~/.config without XDG_CONFIG_HOME", async () => {
    const files = await configFiles("kiln", directory, { HOME: "/home/me" });

    expect(files.user).toBe("/home/me/.config/kiln/config.toml");
  });

  test("may be missing", async () => {
    expect(await fileLayer(join(directory, "none.toml"))).toBeNull();
  });

  test("that cannot be read are a failure", async () => {
    await expect(fileLayer(directory)).rejects.toMatchObject({ code: "config-unreadable", fault: "usage" });
  });
});
