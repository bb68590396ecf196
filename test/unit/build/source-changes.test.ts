import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Artifact } from "../../../src/build/result.ts";
import { addSourceChanges, sourceOnlyChanges } from "../../../src/build/source-changes.ts";
import { parseChanges } from "../../../src/debian/changes.ts";

const digest = "a".repeat(64);

const changes = `Format: 1.8
Date: Sat, 01 Mar 2025 12:00:00 +0000
Source: tiny
Binary: tiny tiny-dbgsym
Architecture: source amd64
Version: 1.0
Distribution: trixie
Urgency: medium
Maintainer: A Person <person@mirror.example>
Changed-By: A Person <person@mirror.example>
Description:
 tiny       - made by a test
Changes:
 tiny (1.0) trixie; urgency=medium
 .
   * A package for a test.
Checksums-Sha1:
 ${"b".repeat(40)} 100 tiny_1.0.dsc
 ${"b".repeat(40)} 200 tiny_1.0.tar.xz
 ${"b".repeat(40)} 300 tiny_1.0_amd64.buildinfo
 ${"b".repeat(40)} 400 tiny_1.0_amd64.deb
Checksums-Sha256:
 ${digest} 100 tiny_1.0.dsc
 ${digest} 200 tiny_1.0.tar.xz
 ${digest} 300 tiny_1.0_amd64.buildinfo
 ${digest} 400 tiny_1.0_amd64.deb
Files:
 ${"c".repeat(32)} 100 misc optional tiny_1.0.dsc
 ${"c".repeat(32)} 200 misc optional tiny_1.0.tar.xz
 ${"c".repeat(32)} 300 misc optional tiny_1.0_amd64.buildinfo
 ${"c".repeat(32)} 400 misc optional tiny_1.0_amd64.deb
`;

describe("sourceOnlyChanges", () => {
  test("has the source's files, and what it says of it", () => {
    const text = sourceOnlyChanges(changes, "tiny.changes");

    const parsed = parseChanges(text, "tiny_source.changes");
    expect(parsed).toMatchObject({ architectures: ["source"], binaries: [], version: "1.0" });
    expect(parsed.files.map(({ name }) => name)).toEqual([
      "tiny_1.0.dsc",
      "tiny_1.0.tar.xz",
      "tiny_1.0_amd64.buildinfo",
    ]);
    expect(text).not.toMatch(/^(Binary|Description):|\.deb$/m);
    expect(text).toContain("Changes:\n tiny (1.0) trixie; urgency=medium\n .\n   * A package for a test.\n");
  });
});

describe("addSourceChanges", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "debkiln-changes-"));
    await writeFile(join(directory, "tiny_1.0_amd64.changes"), changes);
  });
  afterEach(() => rm(directory, { recursive: true }));

  test("leaves it beside the build's own", async () => {
    const all = await addSourceChanges(
      directory,
      "tiny_1.0",
      artifacts("tiny_1.0.dsc", "tiny_1.0_amd64.changes"),
    );

    expect(all.map(({ name }) => name)).toEqual([
      "tiny_1.0.dsc",
      "tiny_1.0_amd64.changes",
      "tiny_1.0_source.changes",
    ]);
    expect(await readFile(join(directory, "tiny_1.0_source.changes"), "utf8")).toContain(
      "Architecture: source\n",
    );
  });

  test("leaves none of a build that made no source package", async () => {
    const before = artifacts("tiny_1.0_amd64.changes");

    expect(await addSourceChanges(directory, "tiny_1.0", before)).toBe(before);
  });
});

function artifacts(...names: readonly string[]): readonly Artifact[] {
  return names.map((name) => ({
    name,
    path: `/nowhere/${name}`,
    sizeBytes: 1,
    sha256: `sha256:${digest}`,
    kind: name.endsWith(".dsc") ? "dsc" : "changes",
  }));
}
