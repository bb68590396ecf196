import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { digestOf } from "../../../src/base/digest.ts";
import { layFlat } from "../../../src/build/lay-flat.ts";
import { artifactKind } from "../../../src/build/result.ts";
import { result } from "./result-fixture.ts";

const { signal } = new AbortController();
const names = ["sl_5.02-1_amd64.changes", "sl_5.02-1_amd64.deb", "sl_5.02.orig.tar.gz"];

const inode = async (...path: readonly string[]) => (await stat(join(...path))).ino;

describe("results that are laid flat", () => {
  let parent = "";
  let directory = "";
  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), "flat-"));
    directory = join(parent, "sl_5.02-1_amd64");
    await mkdir(directory);
    for (const name of [...names, "sl_5.02-1_amd64.build", "result.json"])
      await writeFile(join(directory, name), `new ${name}`);
  });
  afterEach(() => rm(parent, { recursive: true }));

  const outcome = () => {
    const artifacts = names.map((name) => ({
      name,
      path: join(directory, name),
      sizeBytes: `new ${name}`.length,
      sha256: digestOf(`new ${name}`),
      kind: artifactKind(name),
    }));
    return { result: { ...result, artifacts }, directory, failure: null, unmet: null };
  };

  test("are the .changes and what it lists, with the log, in place of an earlier build's", async () => {
    await writeFile(join(parent, "sl_5.02-1_amd64.deb"), "old");
    await writeFile(join(parent, "sl_5.02.orig.tar.gz"), "new sl_5.02.orig.tar.gz");

    const laid = await layFlat(outcome(), signal);

    expect(laid.flat).toBe(parent);
    const all = ["sl_5.02-1_amd64", "sl_5.02-1_amd64.build", ...names];
    expect((await readdir(parent)).toSorted()).toEqual(all.toSorted());
    for (const name of names) expect(await readFile(join(parent, name), "utf8")).toBe(`new ${name}`);
    const [changes = "", deb = ""] = names;
    expect(await inode(parent, deb)).toBe(await inode(directory, deb));
    // debsign writes into it.
    expect(await inode(parent, changes)).not.toBe(await inode(directory, changes));
  });

  test("leave an original tarball alone that is another, and say so before anything is laid", async () => {
    await writeFile(join(parent, "sl_5.02.orig.tar.gz"), "somebody's");

    await expect(layFlat(outcome(), signal)).rejects.toMatchObject({ code: "output-occupied" });

    expect((await readdir(parent)).toSorted()).toEqual(["sl_5.02-1_amd64", "sl_5.02.orig.tar.gz"]);
  });

  test("are refused where a directory has the name of one", async () => {
    await mkdir(join(parent, "sl_5.02-1_amd64.deb"));

    await expect(layFlat(outcome(), signal)).rejects.toMatchObject({ code: "output-unwritable" });

    expect((await readdir(parent)).filter((name) => name.startsWith("."))).toEqual([]);
  });
});
