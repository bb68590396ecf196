import { describe, expect, test } from "vitest";
import { checksOf } from "../../../src/cli/checks.ts";
import { readSettings } from "../../../src/cli/read-settings.ts";

async function settingsOf(flags: Readonly<Record<string, unknown>> = {}, variables = {}) {
  const { values } = await readSettings(flags, "/", { XDG_CONFIG_HOME: "/nonexistent", ...variables });
  return values;
}

describe("the checks of a build", () => {
  test("are lintian unless something else is said", async () => {
    const settings = await settingsOf();

    expect(checksOf(settings, { checked: "usual" })).toEqual({
      names: ["lintian"],
      required: [],
      timeoutMs: 1_800_000,
      lintianOptions: [],
    });
  });

  test("give lintian the user's options, and no files", async () => {
    const settings = await settingsOf({ lintian_options: ["--pedantic", "-I"] });

    expect(checksOf(settings, { checked: "usual" })?.lintianOptions).toEqual(["--pedantic", "-I"]);
    await expect(settingsOf({ lintian_options: ["/etc/passwd"] })).rejects.toMatchObject({ fault: "usage" });
  });

  test("can be switched off by flag and by setting", async () => {
    expect(checksOf(await settingsOf(), { checked: "usual", lintian: false })?.names).toEqual([]);
    expect(checksOf(await settingsOf({}, { DEBKILN_CHECKS: "," }), { checked: "usual" })?.names).toEqual([]);
  });

  test("are run when they are required", async () => {
    const settings = await settingsOf({ require: ["lintian"] }, { DEBKILN_CHECKS: "," });

    expect(checksOf(settings, { checked: "usual" })).toMatchObject({
      names: ["lintian"],
      required: ["lintian"],
    });
  });

  test("cannot be required and left out", async () => {
    const settings = await settingsOf({ require: ["lintian"] });

    expect(() => checksOf(settings, { checked: "usual", lintian: false })).toThrow(
      expect.objectContaining({ fault: "usage", code: "bad-command-line" }),
    );
  });

  test("are by a lock and in chains only what was asked for", async () => {
    const settings = await settingsOf();

    expect(checksOf(settings, { checked: "named" })?.names).toEqual([]);
    expect(checksOf(settings, { checked: "named", lintian: true })?.names).toEqual(["lintian"]);
  });

  test("are those that there are", async () => {
    await expect(settingsOf({ require: ["lintain"] })).rejects.toMatchObject({
      code: "config-invalid-value",
    });
  });
});
