import { mkdir, readdir, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { beforeAll, describe, expect, test } from "vitest";
import { readRecords } from "../kiln.ts";
import { writeTree } from "../package.ts";
import { refusalOf, refused } from "./place.ts";
import { placeFor } from "../opened.ts";

const place = placeFor("all tests");
let tree: string;
beforeAll(async () => {
  tree = await writeTree(place.directory, { name: "bad-place" });
});

const isRoot = process.getuid?.() === 0;

describe.skipIf(!isRoot)("a file system (needs root, to mount one)", () => {
  test("that fills up during a build keeps the earlier results and what there is of the log", async () => {
    await using small = await mounted("small", "size=160k");
    const results = join(small.path, "bad-place_1.0_amd64");
    const first = await place.run(["build", "--no-arch-all", "-o", small.path, tree]);
    await fill(small.path, 12_288);
    const before = await readRecords(results);

    const ended = await place.run(["build", "--no-arch-all", "-o", small.path, tree]);

    expect(first).toMatchObject({ exitCode: 0 });
    expect(refusalOf(ended)).toEqual(
      refused({ exitCode: 5, says: /no space/i, hint: /free space|Free some space/ }),
    );
    expect(await readRecords(results)).toEqual(before);
    expect(await readdir(`${results}.failed`)).toContain("bad-place_1.0_amd64.build");
    expect((await readdir(small.path)).toSorted()).toEqual([
      "bad-place_1.0_amd64",
      "bad-place_1.0_amd64.failed",
      "filling",
    ]);
  });

  test("that is full cannot be the output, which is told before anything is built", async () => {
    await using small = await mounted("filled", "size=64k");
    await fill(small.path, 0);

    const ended = await place.run(["build", "-o", small.path, tree]);

    expect(refusalOf(ended)).toEqual(
      refused({ exitCode: 5, says: /^No space is left for /, hint: /Free some space/ }),
    );
    expect(ended.stderr).not.toContain("dpkg-buildpackage");
    expect(await readdir(small.path)).toEqual(["filling"]);
  });

  test("that is full cannot be the cache", async () => {
    await using small = await mounted("full", "size=64k");
    await fill(small.path, 0);

    const ended = await place.run(["build", tree], { DEBKILN_CACHE_DIR: small.path });

    expect(refusalOf(ended)).toEqual(
      refused({ exitCode: 5, says: /^No space left for /, hint: /debkiln gc/ }),
    );
    expect(await readdir(small.path)).not.toContain("blobs");
  });

  test("that is read-only can be neither the output nor the cache", async () => {
    await using still = await mounted("still", "ro");

    const output = await place.run(["build", "-o", join(still.path, "a/b"), tree]);
    const cache = await place.run(["build", tree], { DEBKILN_CACHE_DIR: join(still.path, "a/b") });

    expect(refusalOf(output)).toEqual(
      refused({ exitCode: 5, says: /^Cannot write .*read-only/, hint: /yours to write/ }),
    );
    expect(refusalOf(cache)).toEqual(
      refused({ exitCode: 5, says: /^Cannot (write in|use) .*read-only/, hint: /cache_dir/ }),
    );
  });
});

test.each([
  ["/dev/null", /^Cannot write \/dev\/null: /],
  ["/proc/nowhere", /^Cannot write \/proc\/nowhere: /],
])("%s as the output is refused before anything is built", async (output, says) => {
  const ended = await place.run(["build", "-o", output, tree]);

  expect(refusalOf(ended)).toEqual(refused({ exitCode: 5, says, hint: /yours to write/ }));
});

test("someone's own directory in the place of the results is refused before anything is built", async () => {
  const own = join(place.directory, "taken/bad-place_1.0_amd64");
  await mkdir(own, { recursive: true });
  await writeFile(join(own, "thesis.txt"), "do not lose this\n");

  const ended = await place.run(["build", "--no-arch-all", "-o", "taken", tree]);

  expect(refusalOf(ended)).toEqual(
    refused({
      exitCode: 2,
      says: /holds files that are not an earlier build's results$/,
      hint: /another output/,
    }),
  );
  expect(ended.stderr).not.toContain("dpkg-buildpackage");
  expect(await readdir(own)).toEqual(["thesis.txt"]);
});

/** Mounts a tmpfs; disposing unmounts it. */
async function mounted(name: string, options: string): Promise<AsyncDisposable & { readonly path: string }> {
  const path = join(place.directory, name);
  await mkdir(path);
  await execa("mount", ["-t", "tmpfs", "-o", options, "none", path]);
  return { path, [Symbol.asyncDispose]: async () => void (await execa("umount", [path])) };
}

/** Leaves this many bytes free. */
async function fill(path: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(path);
  await writeFile(join(path, "filling"), Buffer.alloc(bavail * bsize - bytes));
}
