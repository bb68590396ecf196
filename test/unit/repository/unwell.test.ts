import { mkdir, mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { addPackages } from "../../../src/repository/add.ts";
import { initRepository } from "../../../src/repository/init.ts";
import { openRepository } from "../../../src/repository/settings.ts";
import { makeDeb } from "./packages.ts";
import { addition, freshIn, problemsIn, toolsIn } from "./place.ts";

let shared: string;
let place: string;
let debs: readonly string[];

beforeAll(async () => {
  shared = await mkdtemp(join(tmpdir(), "debkiln-packages-"));
  debs = await Promise.all([makeDeb(shared, { name: "one" }), makeDeb(shared, { name: "two" })]);
});

afterAll(() => rm(shared, { recursive: true }));

beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), "debkiln-repository-"));
});

afterEach(() => rm(place, { recursive: true }));

describe("a repository that is not well", () => {
  test.each<[string, (directory: string) => Promise<void>, RegExp]>([
    [
      "an index that is cut short",
      (at) => truncate(join(at, "dists/local/main/binary-amd64/Packages.gz"), 20),
      /Packages\.gz is cut short: 20 of/,
    ],
    [
      "another InRelease",
      (at) => writeFile(join(at, "dists/local/InRelease"), "Origin: x\n"),
      /InRelease is not signed by/,
    ],
    [
      "a file that is gone from its pool",
      (at) => rm(join(at, "pool/main/o"), { recursive: true }),
      /one_1\.0_amd64\.deb is missing/,
    ],
    [
      "other bytes in its pool",
      (at) => truncate(join(at, "pool/main/o/one/one_1.0_amd64.deb"), 9),
      /has 9 bytes instead of/,
    ],
    ["a missing Release", (at) => rm(join(at, "dists/local/Release")), /Release is missing/],
  ])("with %s is found out", async (_, spoil, says) => {
    const repository = await freshIn(place);
    await addPackages(repository, addition(debs), toolsIn(place));

    await spoil(repository.directory);

    expect((await problemsIn(place, repository)).join("\n")).toMatch(says);
  });

  test("is not added to when its index is cut short", async () => {
    const repository = await freshIn(place);
    await addPackages(repository, addition(debs.slice(0, 1)), toolsIn(place));
    await truncate(join(repository.directory, "dists/local/main/binary-amd64/Packages"), 30);

    const adding = addPackages(repository, addition(debs), toolsIn(place));

    await expect(adding).rejects.toMatchObject({ fault: "infrastructure", code: "repository-damaged" });
  });

  test("is not begun where other things are, nor where another tool keeps one", async () => {
    await writeFile(join(place, "something"), "");
    await expect(initRepository(place, {}, "amd64", toolsIn(place))).rejects.toMatchObject({
      code: "repository-occupied",
    });
    const repository = await freshIn(place);
    await rm(join(repository.directory, "dists/local"));
    await mkdir(join(repository.directory, "dists/local"));

    await expect(addPackages(repository, addition(debs), toolsIn(place))).rejects.toMatchObject({
      code: "repository-foreign",
    });
    await expect(openRepository(place)).rejects.toMatchObject({ code: "repository-missing" });
  });
});
