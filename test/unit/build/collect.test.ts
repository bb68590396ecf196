import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { packTar } from "../../../src/oci/tar.ts";
import { changesName, changesText, collectInto, files, good, resultsPlace } from "./results-fixture.ts";

const run = promisify(execFile);
const binary = { encoding: "buffer" } as const;

const place = resultsPlace();

describe("results that are as their .changes says", () => {
  test("come into the directory byte for byte, and are listed by kind", async () => {
    const artifacts = await collectInto(place.directory, packTar(good));

    expect(artifacts.map(({ name, kind, sizeBytes }) => [name, kind, sizeBytes])).toEqual([
      ["sl-dbgsym_5.02-1_amd64.deb", "deb", 11],
      ["sl_5.02-1_amd64.buildinfo", "buildinfo", 12],
      [changesName, "changes", changesText.length],
      ["sl_5.02-1_amd64.deb", "deb", 11],
    ]);
    expect(artifacts[3]?.path).toBe(join(place.directory, "sl_5.02-1_amd64.deb"));
    expect(await readFile(join(place.directory, "sl_5.02-1_amd64.deb"), "utf8")).toBe("the package");
    expect(await readdir(place.parent)).toEqual(["results"]);
  });

  test.each(["gnu", "pax", "ustar"])(
    "are read from GNU tar's %s format with a leading ./",
    async (format) => {
      const built = await mkdtemp(join(tmpdir(), "debkiln-built-"));
      for (const [name, content] of Object.entries({ ...files, [changesName]: changesText }))
        await writeFile(join(built, name), content);
      const { stdout } = await run("tar", ["--create", `--format=${format}`, "-C", built, "."], binary);

      const artifacts = await collectInto(place.directory, Readable.from([stdout]));
      await rm(built, { recursive: true });

      expect(artifacts).toHaveLength(4);
    },
  );

  test("take the place of earlier results", async () => {
    await mkdir(place.directory);
    await writeFile(join(place.directory, "sl_5.01-1_amd64.changes"), "old");

    await collectInto(place.directory, packTar(good));

    expect((await readdir(place.directory)).toSorted()).toEqual(
      [...Object.keys(files), changesName].toSorted(),
    );
    expect(await readdir(place.parent)).toEqual(["results"]);
  });

  test("do not replace a directory with anything else in it", async () => {
    await mkdir(join(place.directory, "thesis"), { recursive: true });

    await expect(collectInto(place.directory, packTar(good))).rejects.toMatchObject({
      fault: "usage",
      code: "output-occupied",
    });

    expect(await readdir(place.directory)).toEqual(["thesis"]);
    expect(await readdir(place.parent)).toEqual(["results"]);
  });
});
