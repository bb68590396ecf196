import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findProjectFile } from "../../../src/base/project-file.ts";

describe("findProjectFile", () => {
  const uid = process.geteuid?.() ?? 0;
  let home = "";
  let deep = "";

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "project-file-"));
    deep = join(home, "work/project/src");
    mkdirSync(deep, { recursive: true });
  });

  afterEach(() => {
    rmSync(home, { recursive: true });
  });

  function find(changed: { home?: string; uid?: number } = {}) {
    return findProjectFile({ directory: deep, name: ".kiln.toml", home, uid, ...changed });
  }

  test("finds the nearest one upward", async () => {
    writeFileSync(join(home, ".kiln.toml"), "");
    writeFileSync(join(home, "work/.kiln.toml"), "");

    expect(await find()).toEqual({ path: join(home, "work/.kiln.toml"), distrusted: null });
  });

  test("looks in the home directory last", async () => {
    writeFileSync(join(home, "work/.kiln.toml"), "");

    expect(await find({ home: join(home, "work") })).not.toBeNull();
    expect(await find({ home: join(home, "work/project") })).toBeNull();
  });

  test("does not look into a directory that anyone may write to, nor above it", async () => {
    writeFileSync(join(home, "work/.kiln.toml"), "");
    chmodSync(join(home, "work"), 0o1777);

    expect(await find()).toBeNull();
  });

  test("does not look into another user's directory above", async () => {
    writeFileSync(join(home, "work/.kiln.toml"), "");

    expect(lstatSync(home).uid).toBe(uid);
    expect(await find({ uid: uid + 1 })).toBeNull();
  });

  test("does not trust what is no regular file", async () => {
    mkdirSync(join(deep, ".kiln.toml"));

    expect(await find()).toMatchObject({ distrusted: "it is not a regular file" });
  });

  test("passes over a link that leads nowhere", async () => {
    symlinkSync("nowhere", join(deep, ".kiln.toml"));

    expect(await find()).toBeNull();
  });

  test("does not trust another user's file", async () => {
    const owner = uid === 0 ? 4242 : uid;
    writeFileSync(join(deep, ".kiln.toml"), "");
    chownSync(join(deep, ".kiln.toml"), owner, process.getgid?.() ?? 0);

    expect(await find({ uid: owner + 1 })).toMatchObject({
      distrusted: `it belongs to the user id ${owner}`,
    });
  });
});
