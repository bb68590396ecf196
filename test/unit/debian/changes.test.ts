import { describe, expect, test } from "vitest";
import { Buildinfo, parseBuildinfo } from "../../../src/debian/buildinfo.ts";
import { Changes, parseChanges } from "../../../src/debian/changes.ts";
import { shell } from "./oracle.ts";
import { dpkgFiles } from "./source-fixture.ts";

const files = dpkgFiles();

describe("parseChanges", () => {
  test("reads what dpkg-genchanges writes", () => {
    const changes = parseChanges(files.changes, "sl.changes");

    expect(changes).toMatchObject({
      source: "sl",
      version: "1:1.0~rc1",
      architectures: ["source"],
      distribution: "unstable",
      binaries: [],
    });
    expect(changes.files.map(({ name }) => name)).toEqual([
      "sl_1.0~rc1.dsc",
      "sl_1.0~rc1.tar.xz",
      "sl_1.0~rc1_source.buildinfo",
    ]);
    expect(changes.files.map(({ size }) => size)).toContain(Buffer.byteLength(files.buildinfo));
    expect(Changes.parse(changes)).toEqual(changes);
  });

  test("takes the source's own version off its name", () => {
    const changes = parseChanges(files.changes.replace("Source: sl", "Source: sl (1.0)"), "sl.changes");

    expect(changes.source).toBe("sl");
  });

  test("refuses lists that do not agree", () => {
    const [, rest = ""] = files.changes.split("\nFiles:\n");
    const [first = ""] = rest.split("\n");
    const otherSize = files.changes.replace(first, first.replace(/ [0-9]+ /, " 1 "));
    const oneLess = files.changes.replace(`${first}\n`, "");
    const otherName = files.changes.replace(first, first.replace("sl_1.0", "sl_9.9"));

    for (const text of [otherSize, oneLess, otherName]) {
      expect(() => parseChanges(text, "sl.changes")).toThrow(
        expect.objectContaining({ code: "bad-control-data" }),
      );
    }
  });

  test("refuses a file outside the directory", () => {
    const hostile = files.changes.replaceAll("sl_1.0~rc1.tar.xz", "../sl.tar.xz");

    expect(() => parseChanges(hostile, "sl.changes")).toThrow(
      expect.objectContaining({ code: "unsafe-file-name" }),
    );
  });

  test("refuses a hostile Source at once, however long", () => {
    const hostile = files.changes.replace("Source: sl", `Source: sl${" ".repeat(1_000_000)}x`);

    expect(() => parseChanges(hostile, "sl.changes")).toThrow("where a package's name is due");
  });

  test("refuses a second stanza", () => {
    expect(() => parseChanges(`${files.changes}\n${files.changes}`, "sl.changes")).toThrow("a second stanza");
  });
});

describe("parseBuildinfo", () => {
  test("reads what dpkg-genbuildinfo writes", () => {
    const buildinfo = parseBuildinfo(files.buildinfo, "sl.buildinfo");

    const [host] = shell("dpkg --print-architecture", ["once"]);
    expect(buildinfo).toMatchObject({
      source: "sl",
      version: "1:1.0~rc1",
      architectures: ["source"],
      buildArchitecture: host,
    });
    expect(buildinfo.environment["DEB_BUILD_OPTIONS"]).toBe('parallel=2 note="a b"');
    expect(buildinfo.files.map(({ name }) => name)).toEqual(["sl_1.0~rc1.dsc"]);
    expect(Buildinfo.parse(buildinfo)).toEqual(buildinfo);
  });

  test("names the versions that are installed", () => {
    const buildinfo = parseBuildinfo(files.buildinfo, "sl.buildinfo");

    const [version] = shell("dpkg-query -W -f '${Version}' dpkg", ["once"]);
    expect(buildinfo.installed).toContainEqual({ name: "dpkg", version, architecture: null });
  });

  test("refuses an installed package without an exact version", () => {
    const text = files.buildinfo.replace(/^ dpkg \(= .*\)/m, " dpkg (>= 1.0)");

    expect(() => parseBuildinfo(text, "sl.buildinfo")).toThrow("without an exact version");
  });
});
