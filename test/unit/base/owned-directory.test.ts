import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ownedDirectory } from "../../../src/base/owned-directory.ts";
import { thisProcess } from "../../../src/base/process-identity.ts";

let parent: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "debkiln-owned-"));
});

afterEach(() => rm(parent, { recursive: true }));

test("a directory is for its user alone, and goes with its mark when it is disposed of", async () => {
  const own = await ownedDirectory(parent, "work-");
  await writeFile(join(own.path, "file"), "");

  expect((await stat(own.path)).mode & 0o777).toBe(0o700);
  expect((await readdir(parent)).toSorted()).toEqual([basename(own.path), `${basename(own.path)}.owner`]);

  await own[Symbol.asyncDispose]();

  expect(await readdir(parent)).toEqual([]);
});

test("what dead processes left is removed, and nothing else", async () => {
  const dead = thisProcess().replace(/\d+$/, "1");
  await using other = await ownedDirectory(parent, "work-");
  for (const name of ["work-dead", "work-elsewhere", "work-unmarked", "play-dead"])
    await mkdir(join(parent, name, "deep"), { recursive: true });
  await writeFile(join(parent, "work-dead.owner"), dead);
  await writeFile(join(parent, "play-dead.owner"), dead);
  await writeFile(join(parent, "work-elsewhere.owner"), thisProcess().replace(/^[^+]+/, "another-host"));
  await writeFile(join(parent, "work-never-made.owner"), dead);

  await using own = await ownedDirectory(parent, "work-");

  const stays = [basename(other.path), basename(own.path), "work-elsewhere", "play-dead"];
  expect((await readdir(parent)).toSorted()).toEqual(
    [...stays, ...stays.map((name) => `${name}.owner`), "work-unmarked"].toSorted(),
  );
});
