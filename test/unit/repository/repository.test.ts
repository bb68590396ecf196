import { chmod, cp, mkdir, mkdtemp, readFile, readdir, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { execa } from "execa";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { digestOf } from "../../../src/base/digest.ts";
import { parseDeb822 } from "../../../src/debian/deb822.ts";
import { parseRelease } from "../../../src/debian/release.ts";
import { addPackages } from "../../../src/repository/add.ts";
import { readSuite } from "../../../src/repository/content.ts";
import { initRepository } from "../../../src/repository/init.ts";
import { removePackages } from "../../../src/repository/remove.ts";
import { openRepository } from "../../../src/repository/settings.ts";
import { signRepository } from "../../../src/repository/sign.ts";
import { publicKeyOf, verifyRepository } from "../../../src/repository/verify.ts";
import { makeDeb, makeDsc } from "./packages.ts";
import { addition, freshIn, namesIn, problemsIn, toolsIn } from "./place.ts";

let shared: string;
let place: string;
let debs: readonly string[];
let dsc: string;

beforeAll(async () => {
  shared = await mkdtemp(join(tmpdir(), "debkiln-packages-"));
  debs = await Promise.all([
    makeDeb(shared, { name: "one", fields: ["Section: misc"], files: { "usr/bin/one": "1" } }),
    makeDeb(shared, { name: "libtwo1", version: "1:2.0-1", fields: ["Source: two"], architecture: "all" }),
    makeDeb(shared, { name: "three", architecture: "arm64", fields: ["Section: utils"] }),
  ]);
  dsc = await makeDsc(shared, "four");
});

afterAll(() => rm(shared, { recursive: true }));

beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), "debkiln-repository-"));
});

afterEach(() => rm(place, { recursive: true }));

describe("a repository", () => {
  test("is well from the beginning, and with everything that is added to it", async () => {
    const repository = await freshIn(place);
    expect(await problemsIn(place, repository)).toEqual([]);

    const added = await addPackages(repository, addition([...debs, dsc]), toolsIn(place));

    expect(added.added.map(({ name }) => name)).toEqual(["one", "libtwo1", "three", "four"]);
    expect(await problemsIn(place, repository)).toEqual([]);
    expect(await namesIn(repository)).toEqual(["libtwo1", "one", "src:four", "three"]);
    const pool = await readdir(join(repository.directory, "pool"), { recursive: true });
    expect(pool).toEqual(
      expect.arrayContaining([
        "main/o/one/one_1.0_amd64.deb",
        "main/t/two/libtwo1_2.0-1_all.deb",
        "main/f/four/four_1.0.dsc",
        "main/f/four/four_1.0.tar.xz",
      ]),
    );
  });

  test("has the indices that dpkg-scanpackages, dpkg-scansources and apt-ftparchive make of its pool", async () => {
    const repository = await freshIn(place);
    await addPackages(repository, addition([...debs, dsc]), toolsIn(place));
    const { directory } = repository;
    const cwd = { cwd: directory };
    const at = (path: string) => readFile(join(directory, "dists/local/main", path));

    const packages = await execa("dpkg-scanpackages", ["-h", "sha256", "-a", "amd64", "pool"], cwd);
    const sources = await execa("dpkg-scansources", ["pool"], cwd);
    const contents = await execa("apt-ftparchive", ["contents", "pool/main/o"], cwd);

    expect(stanzas(await at("binary-amd64/Packages"))).toEqual(stanzas(packages.stdout));
    const withoutSha1 = stanzas(sources.stdout).map((each) =>
      each.filter(([name]) => name !== "Checksums-Sha1"),
    );
    const source = stanzas(await at("source/Sources"));
    expect(source).toEqual(
      withoutSha1.map((each) => each.filter(([name]) => name !== "Priority" && name !== "Section")),
    );
    // apt-ftparchive knows sections from an override file only.
    const ours = gunzipSync(await at("Contents-amd64.gz"))
      .toString()
      .replaceAll("misc/one", "one");
    expect(rows(ours)).toEqual(rows(contents.stdout));
  });

  test("holds each index in its forms, by name and by digest, as its Release says", async () => {
    const repository = await freshIn(place);
    await addPackages(repository, addition(debs), toolsIn(place));
    const suite = join(repository.directory, "dists/local");

    const { sha256, architectures, acquireByHash } = parseRelease(
      await readFile(join(suite, "InRelease"), "utf8"),
      "InRelease",
    );

    expect(architectures).toEqual(["all", "amd64", "arm64"]);
    expect(acquireByHash).toBe(true);
    const { stdout } = await execa("xz", ["-dc", join(suite, "main/binary-arm64/Packages.xz")]);
    expect(`${stdout}\n`).toBe(await readFile(join(suite, "main/binary-arm64/Packages"), "utf8"));
    const digest = sha256.get("main/binary-arm64/Packages.xz")?.digest ?? "";
    const byHash = join(suite, "main/binary-arm64/by-hash/SHA256", digest.replace("sha256:", ""));
    expect(digestOf(await readFile(byHash))).toBe(digest);
  });

  test("keeps older indices by their digests for readers that began with an older InRelease", async () => {
    const repository = await freshIn(place);
    const suite = join(repository.directory, "dists/local");
    await addPackages(repository, addition(debs.slice(0, 1)), toolsIn(place));
    const before = parseRelease(await readFile(join(suite, "InRelease"), "utf8"), "InRelease");
    await addPackages(repository, addition(debs.slice(1)), toolsIn(place));
    await removePackages(repository, { suite: "local", words: ["one"], old: false }, toolsIn(place));

    const { digest } = before.sha256.get("main/binary-amd64/Packages") ?? { digest: "" };

    const old = join(suite, "main/binary-amd64/by-hash/SHA256", digest.replace("sha256:", ""));
    expect(digestOf(await readFile(old))).toBe(digest);
  });

  test("loses nothing when many add to it at once, and shows readers whole states only", async () => {
    const repository = await freshIn(place);
    const many = await Promise.all(
      Array.from({ length: 8 }, (_, at) => makeDeb(place, { name: `many-${at}`, compression: "none" })),
    );
    const suite = join(repository.directory, "dists/local");
    const done = new AbortController();
    const reader = async () => {
      let states = 0;
      while (!done.signal.aborted) {
        // As apt does: InRelease, then what it names, by digest.
        const { sha256 } = parseRelease(await readFile(join(suite, "InRelease"), "utf8"), "InRelease");
        const { digest } = sha256.get("main/binary-amd64/Packages") ?? { digest: "" };
        const path = join(suite, "main/binary-amd64/by-hash/SHA256", digest.replace("sha256:", ""));
        expect(digestOf(await readFile(path))).toBe(digest);
        states += 1;
      }
      return states;
    };

    const reading = reader();
    await Promise.all(many.map((deb) => addPackages(repository, addition([deb]), toolsIn(place))));
    done.abort();

    expect(await reading).toBeGreaterThan(0);
    expect(await namesIn(repository)).toHaveLength(8);
    expect(await problemsIn(place, repository)).toEqual([]);
  });

  test("adds all or nothing", async () => {
    const repository = await freshIn(place);
    const broken = join(place, "broken.deb");
    await writeFile(broken, "junk");

    const adding = addPackages(repository, addition([...debs, broken]), toolsIn(place));

    await expect(adding).rejects.toMatchObject({ code: "bad-deb" });
    expect(await namesIn(repository)).toEqual([]);
    expect(await readdir(join(repository.directory, ".debkiln/incoming"))).toEqual([]);
  });

  test("refuses another build of the same version, and takes it in the old one's place", async () => {
    const repository = await freshIn(place);
    await addPackages(repository, addition(debs.slice(0, 1)), toolsIn(place));
    await mkdir(join(place, "again"));
    const again = await makeDeb(join(place, "again"), { name: "one", files: { "usr/bin/one": "2" } });

    await expect(addPackages(repository, addition([again]), toolsIn(place))).rejects.toMatchObject({
      fault: "usage",
      code: "package-differs",
    });
    const old = (await readSuite(repository, "local"))?.content.binaries[0]?.path ?? "";
    const { removed } = await addPackages(
      repository,
      addition([again], { displaces: "same-package" }),
      toolsIn(place),
    );

    expect(removed).toEqual([{ name: "one", version: "1.0", architecture: "amd64" }]);
    expect((await readSuite(repository, "local"))?.content.binaries[0]?.path).not.toBe(old);
    expect(await problemsIn(place, repository)).toEqual([]);
    expect(await readdir(join(repository.directory, "pool"), { recursive: true })).not.toContain(
      old.replace("pool/", ""),
    );
  });

  test("adds the same again without publishing anything", async () => {
    const repository = await freshIn(place);
    await addPackages(repository, addition(debs), toolsIn(place));
    const before = await readlink(join(repository.directory, "dists/local"));

    const { added, present } = await addPackages(repository, addition(debs), toolsIn(place));

    expect(added).toEqual([]);
    expect(present).toHaveLength(3);
    expect(await readlink(join(repository.directory, "dists/local"))).toBe(before);
  });

  test("takes what a .changes lists, and refuses files that are not as it says", async () => {
    const repository = await freshIn(place);
    const results = join(place, "results");
    await mkdir(results);
    const deb = await makeDeb(results, { name: "built" });
    const bytes = await readFile(deb);
    const [digest, md5] = [digestOf(bytes).replace("sha256:", ""), "0".repeat(32)];
    const file = "built_1.0_amd64.deb";
    const changes = `Source: built\nVersion: 1.0\nArchitecture: amd64\nDistribution: x\nChecksums-Sha256:\n ${digest} ${bytes.length} ${file}\nFiles:\n ${md5} ${bytes.length} misc optional ${file}\n`;
    await writeFile(join(results, "built_1.0_amd64.changes"), changes);

    await addPackages(repository, addition([results]), toolsIn(place));

    expect(await namesIn(repository)).toEqual(["built"]);
    await cp(debs[0] ?? "", deb);
    const other = addPackages(repository, addition([results], { displaces: "same-package" }), toolsIn(place));
    await expect(other).rejects.toMatchObject({ code: "checksum-mismatch" });
  });

  test("removes from the pool what no suite has any more, and nothing else", async () => {
    const repository = await initRepository(
      join(place, "two"),
      { suites: ["a", "b"] },
      "amd64",
      toolsIn(place),
    );
    await addPackages(repository, addition(debs, { suite: "a" }), toolsIn(place));
    await addPackages(repository, addition(debs.slice(0, 1), { suite: "b" }), toolsIn(place));

    await removePackages(repository, { suite: "a", words: ["one", "src:two"], old: false }, toolsIn(place));

    const pool = await readdir(join(repository.directory, "pool/main"), { recursive: true });
    expect(pool.filter((name) => name.endsWith(".deb")).toSorted()).toEqual([
      "o/one/one_1.0_amd64.deb",
      "t/three/three_1.0_arm64.deb",
    ]);
    expect(pool).not.toContain("t/two");
    expect(await problemsIn(place, repository)).toEqual([]);
  });

  test("goes on after a process that died while it published", async () => {
    const repository = await freshIn(place);
    await mkdir(join(repository.directory, "dists/.local.000002/main"), { recursive: true });
    await writeFile(join(repository.directory, "dists/.local.000002/Release"), "half");

    await addPackages(repository, addition(debs), toolsIn(place));

    expect(await problemsIn(place, repository)).toEqual([]);
    expect(await namesIn(repository)).toHaveLength(3);
  });

  test("is signed by a key of the user's in gpg, and from then on by nothing else", async () => {
    const repository = await freshIn(place);
    const home = join(place, "gnupg");
    await mkdir(home);
    await chmod(home, 0o700);
    const earlier = process.env["GNUPGHOME"];
    process.env["GNUPGHOME"] = home;
    try {
      await execa("gpg", [
        "--batch",
        "--passphrase",
        "",
        "--quick-gen-key",
        "me@mirror.example",
        "ed25519",
        "sign",
      ]);
      const oldKey = await publicKeyOf(repository);

      await signRepository(repository, { kind: "gpg", id: "me@mirror.example" }, toolsIn(place));
      const signed = await openRepository(repository.directory);
      await addPackages(signed, addition(debs), toolsIn(place));

      expect(await publicKeyOf(signed)).not.toBe(oldKey);
      expect(await problemsIn(place, signed)).toEqual([]);
      const check = { ...toolsIn(place), publicKey: oldKey };
      const { problems } = await verifyRepository(signed, check, () => {});
      expect(problems.map(({ path }) => path)).toEqual(["dists/local/InRelease", "dists/local/Release.gpg"]);
      const unknown = signRepository(repository, { kind: "gpg", id: "who@mirror.example" }, toolsIn(place));
      await expect(unknown).rejects.toMatchObject({ code: "signing-key-missing" });
    } finally {
      await execa("gpgconf", ["--kill", "all"]);
      if (earlier === undefined) delete process.env["GNUPGHOME"];
      else process.env["GNUPGHOME"] = earlier;
    }
  });
});

function rows(text: string): readonly (readonly string[])[] {
  return text
    .trim()
    .split("\n")
    .map((line) => line.split(/\s+/));
}

/** Control data as lists of fields sorted by name, whatever the order they came in. */
function stanzas(text: string | Buffer): readonly (readonly (readonly [string, string])[])[] {
  return parseDeb822(text.toString(), "index").map((stanza) =>
    stanza
      .fields()
      .map(([name, value]) => [name, value.split(/\s+/).join(" ")] as const)
      .toSorted(byName),
  );
}

function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : 1;
}
