import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { sourceFromDsc } from "../../src/debian/source-package.ts";
import { readFile } from "node:fs/promises";
import { mainEngine } from "./engine.ts";
import { forgetEnvironment } from "./forget.ts";
import { type Ended, readRecords } from "./kiln.ts";
import { writeTree } from "./package.ts";
import { kilnFor } from "./opened.ts";

describe(`commands on ${mainEngine.name}`, () => {
  const kiln = kilnFor("each test", mainEngine);

  test("explain says what a build would find and fetch, without making it", async () => {
    const fields = ["Build-Depends: toilet"];
    const tree = await writeTree(kiln.directory, { name: "tiny-explained", fields });
    await forgetEnvironment(mainEngine, kiln, tree);

    const before = await kiln.run("explain", tree);
    const built = await kiln.run("build", tree);
    const after = await kiln.run("explain", tree);

    expect([before.exitCode, built.exitCode, after.exitCode]).toEqual([0, 0, 0]);
    expect(before.stdout).toMatch(/^environment: miss: /m);
    expect(built.stderr).toContain("install: Install ");
    expect(after.stdout).toMatch(/^base: hit: /m);
    expect(after.stdout).toMatch(/^environment: hit: /m);
  });

  test("source makes the .dsc of a tree, and of the tree alone", async () => {
    const tiny = { name: "tiny-sourced", version: "1.0-2", format: "3.0 (quilt)" } as const;
    const tree = await writeTree(kiln.directory, tiny);

    const ended = await kiln.run("source", tree);

    expect(ended).toMatchObject({ exitCode: 0 });
    const directory = join(kiln.directory, "tiny-sourced_1.0-2_source");
    const dsc = await readFile(join(directory, "tiny-sourced_1.0-2.dsc"), "utf8");
    const source = sourceFromDsc(dsc, "dsc");
    expect(source.files.map(({ name }) => name).toSorted()).toEqual([
      "tiny-sourced_1.0-2.debian.tar.xz",
      "tiny-sourced_1.0.orig.tar.gz",
    ]);
    expect((await readRecords(directory)).names).not.toContain("tiny-sourced_1.0-2_amd64.deb");
  });

  test("targets marks the default and what has a base", async () => {
    const tree = await writeTree(kiln.directory, { name: "tiny-target" });
    const built = await kiln.run("build", tree);

    const listed = await kiln.run("targets", "--json");

    expect([built.exitCode, listed.exitCode]).toEqual([0, 0]);
    const targets = resultOf(listed, z.array(z.looseObject({ name: z.string(), hasBase: z.boolean() })));
    expect(targets.find(({ name }) => name === "debian-trixie-amd64")).toMatchObject({ hasBase: true });
  });

  test("gc --dry-run tells what it would remove, and removes nothing", async () => {
    const tree = await writeTree(kiln.directory, { name: "tiny-kept" });
    const built = await kiln.run("build", tree);

    const told = await kiln.run("gc", "--dry-run", "--older-than", "0s");
    const listed = await kiln.run("env", "list");
    const again = await kiln.run("build", tree);

    expect([built.exitCode, told.exitCode, listed.exitCode, again.exitCode]).toEqual([0, 0, 0, 0]);
    expect(told.stdout).toMatch(/^[1-9]\d* to remove, /m);
    expect(listed.stdout).toMatch(/^base +debian-trixie-amd64 /m);
    expect(again.stderr).toContain("environment: hit");
  });
});

function resultOf<T>({ stdout }: Ended, schema: z.ZodType<T>): T {
  const last: unknown = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
  return z.object({ type: z.literal("result"), result: schema }).parse(last).result;
}
