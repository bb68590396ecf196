import { readFile, readdir } from "node:fs/promises";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseToolRecipe, toolPackages, tools } from "../../../src/environment/tool-recipe.ts";

const directory = new URL("../../../Containerfiles/", import.meta.url);

describe("the recipes of debkiln's tools", () => {
  test("are the files that there are", async () => {
    const files = (await readdir(directory)).filter((name) => name !== "README.md");

    expect(files.toSorted()).toEqual(tools.toSorted());
  });

  test.each(tools)("say what the image of %s has, once and in order", async (tool) => {
    const packages = (await toolPackages(tool)).split(", ");

    expect(packages).toEqual([...new Set(packages)].toSorted());
    expect(await readFile(new URL(tool, directory), "utf8")).toMatch(/^# [^\n]+\.\n(# [^\n]+\n)+ARG /);
  });
});

describe("a recipe", () => {
  const name = fc.stringMatching(/^[a-z0-9][a-z0-9+.-]{0,20}[a-z0-9+.]$/);

  test("has the packages of its one RUN, however that is broken into lines", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(name, fc.constantFrom(" ", " \\\n  ", "\t\\\n\t")), { minLength: 1 }),
        (all) => {
          const words = all.map(([word, space]) => `${space}${word}`).join("");

          expect(parseToolRecipe(recipe({ words }), "tool")).toEqual(all.map(([word]) => word));
        },
      ),
    );
  });

  test.each([
    [
      "a further RUN",
      recipe({ more: "RUN make install\n" }),
      "tool:7 is not of the form of a tool's recipe: RUN make install",
    ],
    ["a LABEL", recipe({ more: "LABEL a=b" }), "tool:7"],
    ["no RUN", "ARG BASE=debian\nFROM ${BASE}\n", "tool ends without its RUN"],
    ["nothing", "# lintian\n", "tool ends without its ARG"],
    ["another base", recipe({ from: "FROM scratch" }), "tool:3"],
    ["a base with a name", recipe({ from: "FROM ${BASE} AS made" }), "tool:3"],
    ["no package", recipe({ words: "" }), "tool:4"],
    ["an option", recipe({ words: " --allow-unauthenticated lintian" }), "tool:4"],
    ["a version", recipe({ words: " lintian=2.1" }), "tool:4"],
    ["a file", recipe({ words: " ./lintian.deb" }), "tool:4"],
    ["a command in a list of packages", recipe({ words: " lintian;reboot" }), "tool:4"],
    ["a package that is left out again", recipe({ words: " lintian gcc-" }), "tool:4"],
    ["what a shell would do", recipe({ words: " $(lintian)" }), "tool:4"],
    ["a comment in a list of packages", recipe({ words: " \\\n# as always\n lintian" }), "tool:4"],
    ["an empty line in a list of packages", recipe({ words: " \\\n\n lintian" }), "tool:4"],
    ["an end within a line", recipe({}).trimEnd() + " \\", "tool:4"],
    ["another frontend", "# syntax=docker/dockerfile:1\n" + recipe({}), "tool:1"],
    ["another escape", "#escape=`\n" + recipe({}), "tool:1"],
  ])("with %s is refused, with its line", (_, text, message) => {
    expect(() => parseToolRecipe(text, "tool")).toThrow(
      expect.objectContaining({ code: "bad-tool-recipe", message: expect.stringContaining(message) }),
    );
  });
});

function recipe({ from = "FROM ${BASE}", words = " lintian", more = "" }): string {
  return `# lintian
ARG BASE=debian:stable-slim
${from}
RUN apt-get update \\
 && apt-get install --yes --no-install-recommends${words} \\
 && rm -rf /var/lib/apt/lists/*
${more}`;
}
