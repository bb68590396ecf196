import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadPlugins } from "../../../../src/build/plugin/load.ts";

const report = "report: () => ({})";

describe("loadPlugins", () => {
  let directory = "";
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "debkiln-plugins-"));
  });
  afterAll(() => rm(directory, { recursive: true }));

  async function module(name: string, text: string): Promise<string> {
    const path = join(directory, name);
    await writeFile(path, text);
    return path;
  }

  test("gives debkiln's own by name and others by path, in order, each with its options", async () => {
    const path = await module(
      "mine.mjs",
      `export const plugin = { apiVersion: 1, name: "mine", ${report} };`,
    );

    const loaded = await loadPlugins({ modules: [path, "hw-info"], options: { mine: { a: 1 } } });

    expect(loaded.map(({ name, options }) => [name, options])).toEqual([
      ["mine", { a: 1 }],
      ["hw-info", {}],
    ]);
  });

  test.each([
    [
      `{ apiVersion: 2, name: "later" }`,
      "plugin-api-version",
      "is for version 2 of the interface; this debkiln has 1",
    ],
    [`{ name: "none", ${report} }`, "plugin-api-version", "is for version (none) of the interface"],
    [`{ apiVersion: 1, name: "Loud", ${report} }`, "bad-plugin", "plugin.name: "],
    [`{ apiVersion: 1, name: "mute" }`, "bad-plugin", "plugin.report: expected a function"],
    [`{ apiVersion: 1, name: "a", probe: [], ${report} }`, "bad-plugin", 'Unrecognized key: "probe"'],
    [
      `{ apiVersion: 1, name: "a", probes: [{ name: "x", when: "now", argv: ["x"] }], ${report} }`,
      "bad-plugin",
      "when",
    ],
    ["7", "bad-plugin", 'it exports no object "plugin"'],
  ])("refuses %s", async (text, code, message) => {
    const path = await module(
      `${code}-${message.length}-${text.length}.mjs`,
      `export const plugin = ${text};`,
    );

    await expect(loadPlugins({ modules: [path], options: {} })).rejects.toMatchObject({
      fault: "usage",
      code,
      message: expect.stringContaining(message),
      hint: expect.stringContaining("docs/extending.md"),
    });
  });

  test("says which module is missing, and whether it throws", async () => {
    const missing = join(directory, "absent.mjs");
    const throwing = await module("throwing.mjs", 'throw new Error("not today");');

    await expect(loadPlugins({ modules: [missing], options: {} })).rejects.toMatchObject({
      code: "plugin-missing",
      message: expect.stringContaining(missing),
    });
    await expect(loadPlugins({ modules: [throwing], options: {} })).rejects.toMatchObject({
      code: "bad-plugin",
      message: expect.stringContaining("its module throws: not today"),
    });
  });

  test.each([
    ["package-stat", "Did you mean package-state?"],
    ["./mine.mjs", "named by the absolute path"],
    ["left-pad", "debkiln has package-state, hw-info, resource-report"],
  ])("looks for %s nowhere", async (word, hint) => {
    await expect(loadPlugins({ modules: [word], options: {} })).rejects.toMatchObject({
      code: "plugin-missing",
      hint: expect.stringContaining(hint),
    });
  });

  test("refuses two of one name", async () => {
    const two = loadPlugins({ modules: ["hw-info", "hw-info"], options: {} });

    await expect(two).rejects.toMatchObject({ code: "bad-plugin", message: /there are two named hw-info/ });
  });
});
