import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { sourceDateEpochOf } from "../../../src/build/source-date.ts";

let directory = "";

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "source-date-"));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

test.for([
  ['\n LANG="C.UTF-8"\n SOURCE_DATE_EPOCH="1600000000"', 1600000000],
  ['\n LANG="C.UTF-8"', null],
  ['\n SOURCE_DATE_EPOCH="soon"', null],
] as const)("a .buildinfo with the environment %j tells %s", async ([environment, epoch]) => {
  const path = join(directory, "sl_1_amd64.buildinfo");
  const text = `Format: 1.0\nSource: sl\nBinary: sl\nArchitecture: amd64\nVersion: 1\nChecksums-Sha256:\n ${"0".repeat(64)} 10 sl_1_amd64.deb\nInstalled-Build-Depends:\n base-files (= 13)\nEnvironment:${environment}\n`;
  writeFileSync(path, text);
  const buildinfo = {
    name: "sl_1_amd64.buildinfo",
    path,
    sizeBytes: text.length,
    sha256: `sha256:${"0".repeat(64)}`,
    kind: "buildinfo",
  } as const;

  expect(await sourceDateEpochOf([buildinfo])).toBe(epoch);
});

test("without a .buildinfo nothing is told", async () => {
  expect(await sourceDateEpochOf([])).toBeNull();
});
