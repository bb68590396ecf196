import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Failure, type Fault } from "../../../src/base/failure.ts";
import {
  logHeader,
  sbuildStatus,
  section,
  subsection,
  subsubsection,
  summaryBlock,
} from "../../../src/build/sbuild-log.ts";

const header = {
  debkilnVersion: "0.1.0",
  hostname: "kiln",
  package: "sl",
  version: "5.02-1+b1",
  sourceVersion: "5.02-1",
  distribution: "trixie",
  machineArchitecture: "amd64",
  hostArchitecture: "amd64",
  buildArchitecture: "amd64",
  buildProfiles: [],
  buildType: "binary",
  started: new Date("2026-11-21T02:03:04.567Z"),
} as const;

const summary = {
  job: "sl",
  package: "sl",
  version: "5.02-1",
  sourceVersion: "5.02-1",
  machineArchitecture: "amd64",
  hostArchitecture: "amd64",
  buildArchitecture: "amd64",
  buildProfiles: [],
  buildType: "binary",
  foreignArchitectures: [],
  distribution: "trixie",
  spaceKib: 1234,
  buildSeconds: 4.4,
  installSeconds: 12.6,
  packageSeconds: 3725,
  status: "successful",
  failStage: null,
  finished: new Date("2026-11-21T03:05:09.999Z"),
  checks: [],
} as const;

/** Reads a log's Summary as tools of others do: after the last box titled Summary, `key: value` up to the dashes. */
function readSummary(log: string): [string, string][] {
  const lines = log.split("\n");
  const title = lines.findLastIndex((line) => line.startsWith("| Summary "));
  const end = lines.indexOf("-".repeat(80), title);
  return lines.slice(title + 3, end).map((line) => {
    const [, key = "", value = ""] = /^([A-Z][A-Za-z -]*): (.*)$/.exec(line) ?? [];
    return [key, value];
  });
}

describe("the head of a log", () => {
  test("has sbuild's box and fields", () => {
    const text = logHeader(header);

    expect(text).toBe(
      [
        "debkiln 0.1.0 on kiln",
        "",
        "+==============================================================================+",
        "| sl 5.02-1+b1 (amd64)                         Sat, 21 Nov 2026 02:03:04 +0000 |",
        "+==============================================================================+",
        "",
        "Package: sl",
        "Version: 5.02-1+b1",
        "Source Version: 5.02-1",
        "Distribution: trixie",
        "Machine Architecture: amd64",
        "Host Architecture: amd64",
        "Build Architecture: amd64",
        "Build Type: binary",
        "",
        "",
      ].join("\n"),
    );
  });

  test("grows its box for a name that does not fit", () => {
    const [, , edge = "", title = ""] = logHeader({ ...header, package: "p".repeat(80) }).split("\n");

    expect(edge.length).toBe(title.length);
    expect(title).toMatch(/^\| p{80} .* \+0000 \|$/);
  });

  test("names profiles, and no version while it is not known", () => {
    const text = logHeader({
      ...header,
      version: null,
      sourceVersion: null,
      buildProfiles: ["nocheck", "cross"],
    });

    expect(text).toContain("\nBuild Profiles: nocheck cross\n");
    expect(text).not.toContain("Version");
  });
});

function line(mark: string): string {
  return `+${mark.repeat(78)}+`;
}

test("section titles stand in boxes of 80 columns, parts of parts are underlined", () => {
  expect(section("Build")).toBe(`\n${line("=")}\n| Build${" ".repeat(71)} |\n${line("=")}\n\n`);
  expect(subsection("Build")).toBe(`\n${line("-")}\n| Build${" ".repeat(71)} |\n${line("-")}\n\n`);
  expect(subsubsection("sl_5.02-1_amd64.changes:")).toBe(`\nsl_5.02-1_amd64.changes:\n${"-".repeat(24)}\n\n`);
});

describe("the Summary", () => {
  test("of a build that succeeded has sbuild's keys in sbuild's order and the two lines below", () => {
    const text = summaryBlock(summary);

    expect(readSummary(text)).toEqual([
      ["Build Architecture", "amd64"],
      ["Build Type", "binary"],
      ["Build-Space", "1234"],
      ["Build-Time", "4"],
      ["Distribution", "trixie"],
      ["Host Architecture", "amd64"],
      ["Install-Time", "13"],
      ["Job", "sl"],
      ["Machine Architecture", "amd64"],
      ["Package", "sl"],
      ["Package-Time", "3725"],
      ["Source-Version", "5.02-1"],
      ["Space", "1234"],
      ["Status", "successful"],
      ["Version", "5.02-1"],
    ]);
    expect(text.split("\n").slice(-4)).toEqual([
      "-".repeat(80),
      "Finished at 2026-11-21T03:05:09Z",
      "Build needed 01:02:05, 1234k disk space",
      "",
    ]);
  });

  test("of a build that failed early says where, and that the space is not known", () => {
    const text = summaryBlock({
      ...summary,
      version: null,
      sourceVersion: null,
      spaceKib: null,
      status: "given-back",
      failStage: "install-deps",
      buildProfiles: ["nocheck"],
      foreignArchitectures: ["arm64"],
    });

    expect(Object.fromEntries(readSummary(text))).toMatchObject({
      "Build Profiles": "nocheck",
      "Build-Space": "n/a",
      "Fail-Stage": "install-deps",
      "Foreign Architectures": "arm64",
      Space: "n/a",
      Status: "given-back",
    });
    expect(text).not.toContain("Version");
    expect(text).toContain("Build needed 01:02:05, no disk space\n");
  });

  test("keeps its lines whatever the values hold", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (job) => {
        const keys = readSummary(summaryBlock({ ...summary, job: `x${job}\nStatus: failed` })).map(
          ([key]) => key,
        );

        expect(keys.filter((key) => key === "Status")).toHaveLength(1);
        expect(keys).toHaveLength(15);
      }),
    );
  });
});

test.each<[Fault, string, string, string]>([
  ["package", "build-failed", "attempted", "build"],
  ["dependency", "unsatisfiable", "given-back", "install-deps"],
  ["infrastructure", "engine-lost", "failed", "build"],
  ["infrastructure", "disk-full", "failed", "check-space"],
  ["interrupted", "interrupted", "failed", "abort"],
  ["package", "architecture-not-buildable", "skipped", "arch-check"],
])("a failure of %s, %s, is `%s` at `%s` to sbuild", (fault, code, status, failStage) => {
  const failure = new Failure(fault, code, "It failed");

  expect(sbuildStatus(failure, "build")).toEqual({ status, failStage });
});

test("no failure is `successful` without a stage, and a stage follows the phase", () => {
  expect(sbuildStatus(null, "build")).toEqual({ status: "successful", failStage: null });
  expect(sbuildStatus(new Failure("package", "x", "x"), "unpack").failStage).toBe("unpack");
  expect(sbuildStatus(new Failure("package", "timeout", "x"), "environment")).toEqual({
    status: "attempted",
    failStage: "install-deps",
  });
  expect(sbuildStatus(new Failure("infrastructure", "x", "x"), "environment").failStage).toBe(
    "create-session",
  );
});
