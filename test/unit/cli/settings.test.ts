import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { inputShape } from "../../../src/base/config.ts";
import { readSettings } from "../../../src/cli/read-settings.ts";
import { Settings } from "../../../src/cli/settings.ts";

const harmless = [
  'target = "debian-sid-amd64"',
  "jobs = 2",
  'profiles = ["nodoc"]',
  'build_options = ["nocheck"]',
  'variables = { CFLAGS = "-O0" }',
  'memory = "1G"',
  "cpus = 2",
  "pids = 100",
  'disk = "1G"',
  'timeout = "1h"',
  'silence_timeout = "1h"',
  'checks = ["lintian"]',
  'check_timeout = "10m"',
  'keep_files = ["config.log"]',
  'color = "never"',
];

describe("readSettings", () => {
  let home = "";
  let environment: Record<string, string> = {};

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "settings-"));
    environment = { XDG_CONFIG_HOME: join(home, ".config") };
    mkdirSync(join(home, ".config/debkiln"), { recursive: true });
    mkdirSync(join(home, "project"));
  });

  afterEach(() => {
    rmSync(home, { recursive: true });
  });

  function write(file: string, text: string): void {
    writeFileSync(join(home, file), text);
  }

  test("lays flags over variables over the project over the user", async () => {
    write(".config/debkiln/config.toml", 'max_age = "1h"\njobs = 1\nmemory = "1G"\noutput = "user"\n');
    write("project/.debkiln.toml", 'jobs = 2\nmemory = "2G"\n');
    environment["DEBKILN_MEMORY"] = "3G";
    environment["DEBKILN_OUTPUT"] = "variable";

    const { values, settings } = await readSettings({ output: "flag" }, join(home, "project"), environment);

    expect(values).toMatchObject({ max_age: 3_600_000, jobs: 2, memory: 3 * 1024 ** 3, output: "flag" });
    const origins = Object.fromEntries(settings.map(({ key, origin }) => [key, origin.replace(home, "~")]));
    expect(origins).toMatchObject({
      max_age: "~/.config/debkiln/config.toml:1",
      jobs: "~/project/.debkiln.toml:1",
      memory: "DEBKILN_MEMORY",
      output: "--output",
      frozen: "built-in",
    });
  });

  test("tells what is wrong with a duration or size, and where", async () => {
    write("project/.debkiln.toml", '\nsilence_timeout = "5 minutes"\n');

    await expect(readSettings({}, join(home, "project"), environment)).rejects.toMatchObject({
      code: "config-invalid-value",
      message: expect.stringMatching(
        /\.debkiln\.toml:2: silence_timeout: "5 minutes" is not a duration\. Write .*"1h30m"\.$/,
      ),
    });
  });

  test.each(
    Object.keys(Settings.shape).filter((key) => !harmless.some((line) => line.startsWith(`${key} `))),
  )("does not let a project set %s", async (key) => {
    write("project/.debkiln.toml", `jobs = 1\n${key} = "x"\n`);

    await expect(readSettings({}, join(home, "project"), environment)).rejects.toMatchObject({
      code: "config-host-only",
      message: expect.stringContaining(".debkiln.toml:2: "),
    });
  });

  test("does not let a project define a target or change one of the user's", async () => {
    write("project/.debkiln.toml", '[targets.mine]\nmirror = "http://mirror.example/debian"\n');

    await expect(readSettings({}, join(home, "project"), environment)).rejects.toMatchObject({
      code: "config-host-only",
    });
  });

  test("does not let a project choose commands, wherever they would run", async () => {
    write("project/.debkiln.toml", '[hooks.mine]\npoint = "post-build"\ncommand = "id"\nhost = true\n');

    await expect(readSettings({}, join(home, "project"), environment)).rejects.toMatchObject({
      code: "config-host-only",
      message: expect.stringContaining(
        '.debkiln.toml:1: "hooks" cannot be set by a project: what comes with a source',
      ),
      hint: expect.stringContaining("name this file with --config if you trust it"),
    });
  });

  test("lets a project say how it is built", async () => {
    write("project/.debkiln.toml", harmless.join("\n"));

    const { settings } = await readSettings({}, join(home, "project"), environment);

    const own = settings.filter(({ origin }) => origin.includes("project/.debkiln.toml"));
    expect(own).toHaveLength(harmless.length);
  });

  test("warns of a project's file that is not to be trusted, and does without it", async () => {
    mkdirSync(join(home, "project/.debkiln.toml"));

    const { warnings } = await readSettings({}, join(home, "project"), environment);

    expect(warnings).toMatchObject([
      { message: expect.stringContaining("is not read: it is not a regular") },
    ]);
  });

  test("reads the file given with --config in the project's stead", async () => {
    write("project/.debkiln.toml", "jobs = 1\n");
    write("other.toml", "jobs = 5\n");

    const flags = { config: join(home, "other.toml") };

    expect((await readSettings(flags, join(home, "project"), environment)).values.jobs).toBe(5);
    await expect(readSettings({ config: "/nowhere.toml" }, home, environment)).rejects.toMatchObject({
      code: "config-missing",
    });
  });

  test("passes over variables of debkiln that are no settings", async () => {
    environment["DEBKILN_DEBUG"] = "1";

    await expect(readSettings({}, home, environment)).resolves.toBeDefined();
  });
});

test("every setting has a description", () => {
  const properties = Object.entries(inputShape(Settings).properties ?? {});

  expect(properties.length).toBeGreaterThan(20);
  expect(properties.filter(([, { description }]) => !description)).toEqual([]);
});
