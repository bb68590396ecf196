import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { artifactKind, BuildResult, writeResult } from "../../../src/build/result.ts";
import { result } from "./result-fixture.ts";

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
