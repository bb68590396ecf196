import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execaSync } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { askedFor, rebuildOfBuildinfo } from "../../../src/build/asked-by-buildinfo.ts";
import { entryStep } from "../../../src/build/binary-rebuild.ts";
import { type Buildinfo, parseBuildinfo } from "../../../src/debian/buildinfo.ts";
import { helloFiles, writeTree } from "./source-fixture.ts";
import type { Rebuild } from "../../../src/environment/variation.ts";

const files = {
  ...helloFiles,
  "debian/control": helloFiles["debian/control"].replace("Architecture: all", "Architecture: any"),
};
const made: Rebuild = {
  number: 1,
  suffix: null,
  text: "Against libfoo2: 'it''s' $HOME `id` \\n %s\n.\n-- x",
  maintainer: "Jåne Doe <jane@mirror.example>",
  date: "increment",
};

/** By what debkiln runs for a binNMU, and what dpkg-genbuildinfo then writes. */
describe("a .buildinfo of a binary-only rebuild", () => {
  let directory = "";
  let changelog = "";
  let buildinfo: Buildinfo;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "asked-"));
    const tree = await writeTree(join(directory, "one"), files);
    changelog = changelogWith(made, tree);
    const host = execaSync("dpkg", ["--print-architecture"]).stdout;
    const deb = `hello_1.0-1+b1_${host}.deb`;
    writeFileSync(join(directory, deb), "");
    writeFileSync(join(tree, "debian/files"), `${deb} misc optional\n`);
    const path = join(directory, "hello.buildinfo");
    execaSync("dpkg-genbuildinfo", ["--build=any", `-O${path}`], { cwd: tree });
    buildinfo = parseBuildinfo(readFileSync(path, "utf8"), path);
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  test("gives the same changelog again, to the byte, and so the same date", async () => {
    const tree = await writeTree(join(directory, "two"), files);

    const rebuild = rebuildOfBuildinfo(buildinfo, "hello.buildinfo") ?? made;

    expect(rebuild).toHaveProperty("entry");
    expect(changelogWith(rebuild, tree)).toBe(changelog);
    const { stdout } = execaSync("dpkg-parsechangelog", ["-STimestamp"], { cwd: tree });
    expect(Number(stdout)).toBe(Date.parse("2023-01-02T10:00:01Z") / 1000);
  });

  test("asks for what its builder made, never for the source", () => {
    const rebuild = rebuildOfBuildinfo(buildinfo, "hello.buildinfo");
    const withAll = { ...buildinfo, architectures: ["all", "amd64", "source"] };

    expect(askedFor(buildinfo, rebuild)).toMatchObject({
      wanted: { any: true, all: false, source: false },
      variation: { rebuild },
    });
    expect(askedFor(withAll, rebuild).wanted).toEqual({ any: true, all: true, source: false });
    expect(askedFor(withAll, null)).not.toHaveProperty("variation");
    expect(() => askedFor({ ...buildinfo, architectures: ["source"] }, rebuild)).toThrow(
      expect.objectContaining({ code: "nothing-to-build" }),
    );
  });

  test.each<[string, (real: Buildinfo) => Partial<Buildinfo>, string]>([
    ["of another source", () => ({ source: "sl" }), "but its Binary-Only-Changes of hello 1.0-1+b1"],
    ["of another version", () => ({ version: "1.0-1+b2" }), "but its Binary-Only-Changes of hello 1.0-1+b1"],
    ["without the source's version", ({ version }) => ({ sourceVersion: version }), "does not say in Source"],
    ["without an entry", () => ({ binaryOnlyChanges: null }), "has no Binary-Only-Changes"],
    [
      "with two entries",
      ({ binaryOnlyChanges }) => ({ binaryOnlyChanges: `${binaryOnlyChanges}\n\n${binaryOnlyChanges}` }),
      "x.buildinfo: Binary-Only-Changes does not end with its trailer",
    ],
  ])("is refused %s", (_, change, why) => {
    const altered = { ...buildinfo, ...change(buildinfo) };

    expect(() => rebuildOfBuildinfo(altered, "x.buildinfo")).toThrow(
      expect.objectContaining({
        code: "bad-changelog",
        fault: "package",
        message: expect.stringContaining(why),
      }),
    );
  });
});

/** The tree's changelog, after the step of a build that puts the entry before it. */
function changelogWith(rebuild: Rebuild, tree: string): string {
  const rebuilt = { name: "hello", version: "1.0-1+b1", suite: "sid", architecture: "amd64" };
  const [program = "", ...rest] = entryStep(rebuild, rebuilt, tree).argv;
  execaSync(program, rest, { cwd: tree });
  return readFileSync(join(tree, "debian/changelog"), "utf8");
}
