import { appendFile, mkdtemp, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { requireSigned } from "../../../src/repository/require-signed.ts";
import type { LocalRepository } from "../../../src/repository/settings.ts";
import { freshIn, toolsIn } from "./place.ts";

let place: string;
let repository: LocalRepository;

beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), "debkiln-signed-"));
  repository = await freshIn(place);
});

afterEach(() => rm(place, { recursive: true }));

const refusal = { fault: "infrastructure", code: "repository-signature" };
const published = (name: string) => join(repository.directory, "dists/local", name);

describe("the signature of a repository that a chain uses", () => {
  test("is good when it is of the key that is here", async () => {
    await expect(requireSigned(repository, "local", toolsIn(place))).resolves.toBeUndefined();
  });

  test("is not asked for where nothing is published", async () => {
    await expect(requireSigned(repository, "other", toolsIn(place))).resolves.toBeUndefined();
  });

  test("is refused when it is of another key", async () => {
    const another = { ...toolsIn(place), directory: join(place, "another") };

    await expect(requireSigned(repository, "local", another)).rejects.toMatchObject(refusal);
  });

  test("is refused when Release is not what was signed", async () => {
    await rm(published("Release.gpg"));
    await appendFile(published("Release"), "Changelogs: no\n");

    await expect(requireSigned(repository, "local", toolsIn(place))).rejects.toMatchObject(refusal);
  });

  test("is refused when it is cut short", async () => {
    await truncate(published("InRelease"), 300);

    await expect(requireSigned(repository, "local", toolsIn(place))).rejects.toMatchObject({
      fault: "infrastructure",
    });
  });

  test.each(["Release", "main/binary-amd64/Packages"])("does not help when %s is damaged", async (name) => {
    await appendFile(published(name), "Suite: more\n");

    await expect(requireSigned(repository, "local", toolsIn(place))).rejects.toMatchObject({
      code: "repository-damaged",
    });
  });
});
