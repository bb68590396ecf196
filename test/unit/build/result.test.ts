import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { artifactKind, BuildResult, writeResult } from "../../../src/build/result.ts";
import { digestOf } from "../../../src/base/digest.ts";

const result: BuildResult = {
  schema: 1,
  status: "successful",
  failure: null,
  source: { name: "sl", version: "5.02-1" },
  target: "debian-trixie-amd64",
  suite: "trixie",
  architectures: { build: "amd64", host: "amd64" },
  lock: digestOf("lock"),
  environment: digestOf("environment"),
  engine: { kind: "podman", version: "5.4.2", rootless: true, storageDriver: "overlay" },
  phases: [
    { name: "build", seconds: 4.2, resources: { cpuSeconds: 3.9, unknown: { readBytes: "not told" } } },
  ],
  artifacts: [],
  checks: [],
  hooks: [],
  started: "2026-11-21T02:03:04.000Z",
  finished: "2026-11-21T02:03:09.000Z",
  sourceDateEpoch: 1_700_000_000,
};

test("a result is read back from its file as it was", async () => {
  const directory = await mkdtemp(join(tmpdir(), "debkiln-result-"));

  const path = await writeResult(directory, result);
  const read = BuildResult.parse(JSON.parse(await readFile(path, "utf8")));
  await rm(directory, { recursive: true });

  expect(path).toBe(join(directory, "result.json"));
  expect(read).toEqual(result);
});

test.each([
  ["an unknown field", { ...result, colour: "red" }],
  ["a digest that is none", { ...result, lock: "sha256:1234" }],
  ["a time that is none", { ...result, started: "yesterday" }],
])("a result with %s is refused", (_, wrong) => {
  expect(BuildResult.safeParse(wrong).success).toBe(false);
});

test.each([
  ["sl_5.02-1_amd64.deb", "deb"],
  ["sl-dbgsym_5.02-1_amd64.ddeb", "ddeb"],
  ["libc6-udeb_2.41-1_amd64.udeb", "udeb"],
  ["sl_5.02-1.dsc", "dsc"],
  ["sl_5.02-1_amd64.changes", "changes"],
  ["sl_5.02-1_amd64.buildinfo", "buildinfo"],
  ["sl_5.02.orig.tar.gz", "tarball"],
  ["sl_5.02.orig.tar.xz.asc", "tarball"],
  ["sl_5.02-1.debian.tar.xz", "tarball"],
  ["sl_5.02-1.diff.gz", "tarball"],
  ["linux_6.12_amd64.deb.sig", "other"],
])("%s is a %s", (name, kind) => {
  expect(artifactKind(name)).toBe(kind);
});
