import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { digestOf } from "../../../src/base/digest.ts";
import { peelClearSigned } from "../../../src/debian/clear-signed.ts";
import { parseDeb822 } from "../../../src/debian/deb822.ts";
import { parseRelease } from "../../../src/debian/release.ts";
import { inReleaseUri } from "../../../src/debian/repository.ts";
import { addPackages } from "../../../src/repository/add.ts";
import { readSuite } from "../../../src/repository/content.ts";
import { dearmor } from "../../../src/debian/openpgp-armor.ts";
import { removeViews, viewOf } from "../../../src/repository/view.ts";
import { makeDeb } from "./packages.ts";
import { addition, freshIn, toolsIn } from "./place.ts";
import { writeFile } from "node:fs/promises";

let place: string;

beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), "debkiln-view-"));
});

afterEach(() => rm(place, { recursive: true }));

describe("a view of a repository", () => {
  test("is a signed repository of some of its packages, the same for the same ones", async () => {
    const repository = await freshIn(place);
    const debs = await Promise.all(["one", "two", "three"].map((name) => makeDeb(place, { name })));
    await addPackages(repository, addition(debs), toolsIn(place));
    const all = (await readSuite(repository, "local"))?.content.binaries ?? [];
    const some = all.filter(({ package: { name } }) => name !== "three");

    const view = await viewOf(repository, some, toolsIn(place));
    const again = await viewOf(repository, some.toReversed(), toolsIn(place));
    const other = await viewOf(repository, all, toolsIn(place));

    expect(again).toEqual(view);
    expect(other.suites).not.toEqual(view.suites);
    const inRelease = fileURLToPath(inReleaseUri(view.uris[0] ?? "", view.suites[0] ?? ""));
    const text = await readFile(inRelease, "utf8");
    const keyring = join(place, "key.gpg");
    await writeFile(keyring, dearmor(`${view.signedBy}\n`, "PUBLIC KEY BLOCK"));
    expect((await execa("gpgv", ["--keyring", keyring, inRelease])).exitCode).toBe(0);
    const packages = await readFile(inRelease.replace(/InRelease$/, "Packages"), "utf8");
    expect(text).toContain(`\nCodename: ${view.suites[0]?.replace(/\/$/, "")}\n`);
    const { sha256 } = parseRelease(peelClearSigned(text).content, "view");
    expect(sha256.get("Packages")?.digest).toBe(digestOf(packages));
    const stanzas = parseDeb822(packages, "view");
    expect(stanzas.map((each) => each.get("Package"))).toEqual(["one", "two"]);
    for (const each of stanzas) {
      const file = join(repository.directory, each.get("Filename") ?? "");
      expect(digestOf(await readFile(file))).toBe(`sha256:${each.get("SHA256")}`);
    }
  });

  test("is gone when all are removed, and nothing else is", async () => {
    const repository = await freshIn(place);
    await viewOf(repository, [], toolsIn(place));
    const before = await readdir(join(repository.directory, ".debkiln"));

    await removeViews(repository);

    const after = await readdir(join(repository.directory, ".debkiln"));
    expect(before.filter((name) => !after.includes(name))).toEqual(["views"]);
  });
});
