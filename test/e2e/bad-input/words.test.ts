import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { writeTree } from "../package.ts";
import { refusalOf, refused } from "./place.ts";
import { placeFor } from "../opened.ts";

const place = placeFor("all tests");
let tree: string;
beforeAll(async () => {
  tree = await writeTree(place.directory, { name: "bad-words" });
});

test.each<[words: readonly string[], says: RegExp, hint: RegExp]>([
  [["-d", "trixei"], /^"trixei" is not a suite debkiln knows$/, /^Did you mean trixie\?$/],
  [["--arch", "amd46"], /^"amd46" is not an architecture debkiln knows$/, /^Did you mean amd64\?$/],
  [["-r", "debian-trixei-amd64"], /"trixei" is not a suite/, /^Did you mean trixie\?$/],
  [
    ["-r", "debain-trixie-amd64"],
    /^There is no target debain-trixie-amd64$/,
    /^Did you mean debian-trixie-amd64\?$/,
  ],
  [["--memory", "4Q"], /4Q/, /./],
  [["--timeout", "soon"], /soon/, /./],
  [["--tiemout", "1h"], /--tiemout/, /--timeout/],
])("%j is refused with what may have been meant", async (words, says, hint) => {
  const ended = await place.run(["build", ...words, tree]);

  expect(refusalOf(ended)).toEqual(refused({ exitCode: 2, says, hint }));
});

test.each([
  ["jobs = 2\nmemroy = '4G'\n", /config\.toml:2: .*memroy/, /memory/],
  [
    "[targets.mine]\nsuite = 'trixie'\narchitecure = 'amd64'\n",
    /config\.toml:3: .*architecure|mine.*architecure/s,
    /architecture/,
  ],
  ["jobs = 'many'\n", /config\.toml:1: .*jobs/, /./],
  ["jobs = \n", /config\.toml:1:\d+: /, /Mend the TOML/],
])("a configuration with %j is refused with its file and line", async (text, says, hint) => {
  const file = join(place.directory, "config.toml");
  await writeFile(file, text);

  const ended = await place.run(["build", "--config", file, "-r", "mine", tree]);

  expect(refusalOf(ended)).toEqual(refused({ exitCode: 2, says, hint }));
});

test("a source package that the archive does not have is told of", async () => {
  const ended = await place.run(["build", "no-such-package-anywhere", "-d", "trixie"]);

  expect(refusalOf(ended)).toEqual(
    refused({
      exitCode: 2,
      says: /^There is no source package no-such-package-anywhere in trixie/,
      hint: /Check the name/,
    }),
  );
});

test.each<[word: string, says: RegExp]>([
  ["ext::sh -c touch% trap", /^"ext::sh -c touch% trap" is not used as a git source: .*runs a program$/],
  [
    "ssh://-oProxyCommand=touch%20trap/x.git",
    /^"ssh:.* is not used as a git source: it looks like an option$/,
  ],
])("%j is refused before git hears of it", async (word, says) => {
  const ended = await place.run(["build", word]);

  expect(refusalOf(ended)).toEqual(refused({ exitCode: 2, says, hint: /^Use https:/ }));
  expect(await readdir(place.directory)).not.toContain("trap");
});

test("a plugin for another version of the interface is refused before anything is built", async () => {
  const plugin = join(place.directory, "future.mjs");
  await writeFile(plugin, 'export const plugin = { apiVersion: 99, name: "future", report: () => [] };\n');

  const ended = await place.run(["build", "--plugin", plugin, tree]);

  expect(refusalOf(ended)).toEqual(
    refused({
      exitCode: 2,
      says: /^The plugin \S+future\.mjs is for version 99 of the interface; this debkiln has \d+$/,
      hint: /^Get the plugin for this debkiln, or the debkiln that it is for/,
    }),
  );
  expect(await readdir(place.directory)).not.toContain("out");
});
