import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { beforeAll, describe, expect, test } from "vitest";
import { SpdxDocument } from "../../src/attestation/spdx.ts";
import { ProvenanceStatement } from "../../src/attestation/statement.ts";
import { hexOf } from "../../src/base/digest.ts";
import type { Artifact } from "../../src/build/result.ts";
import { parseChanges } from "../../src/debian/changes.ts";
import { provenanceFaults } from "../unit/attestation/provenance-schema.ts";
import { spdxFaults } from "../unit/attestation/spdx-schema.ts";
import { mainEngine } from "./engine.ts";
import { refusalOf, refused } from "./bad-input/place.ts";
import { readRecords } from "./kiln.ts";
import { writeTree } from "./package.ts";
import { kilnFor, placeFor } from "./opened.ts";

describe(`proofs of builds on ${mainEngine.name}`, () => {
  const kiln = kilnFor("all tests", mainEngine);
  const place = placeFor("all tests");
  let tree: string;
  beforeAll(async () => {
    tree = await writeTree(kiln.directory, { name: "proven" });
  });

  test("are well-formed, name every result and package, and are the same again", async () => {
    const proofs = ["--sbom", "--provenance"];
    const first = await kiln.run("build", tree, ...proofs, "-o", "one");
    const second = await kiln.run("build", tree, ...proofs, "-o", "two");

    expect([first.exitCode, second.exitCode]).toEqual([0, 0]);
    const [one, two] = ["one", "two"].map((each) => join(kiln.directory, each, "proven_1.0_amd64"));
    const name = "proven_1.0_amd64";
    const sbom = SpdxDocument.parse(JSON.parse(await textOf(one, `${name}.spdx.json`)));
    const statement = ProvenanceStatement.parse(JSON.parse(await textOf(one, `${name}.provenance.json`)));
    const { result, lock } = await readRecords(one ?? "");
    expect(spdxFaults(sbom)).toEqual([]);
    expect(provenanceFaults(statement)).toEqual([]);
    expect(statement.subject).toEqual(
      products(result.artifacts).map((each) => ({ name: each.name, digest: { sha256: hexOf(each.sha256) } })),
    );
    const dependencies = sbom.relationships.filter((each) => each.relationshipType === "BUILD_DEPENDENCY_OF");
    expect(dependencies).toHaveLength(lock?.packages.length ?? 0);
    expect(await textOf(two, `${name}.spdx.json`)).toBe(await textOf(one, `${name}.spdx.json`));
    expect(await textOf(two, `${name}.provenance.json`)).toBe(await textOf(one, `${name}.provenance.json`));
  });

  test("of a rebuild are its comparison, file by file", async () => {
    const buildinfo = join("one", "proven_1.0_amd64", "proven_1.0_amd64.buildinfo");
    const dsc = join("one", "proven_1.0_amd64", "proven_1.0.dsc");
    await kiln.succeed("build", tree, "-o", "one");
    const text = await readFile(join(kiln.directory, buildinfo), "utf8");
    await writeFile(join(kiln.directory, "other.buildinfo"), otherChecksum(text, "proven_1.0_amd64.deb"));
    await writeFile(join(kiln.directory, "unknown.buildinfo"), withUnknownPackage(text));
    await writeFile(join(kiln.directory, "bad.buildinfo"), text.replace("Version:", "Vers ion:"));
    const inKiln = (file: string) => join(kiln.directory, file);
    const rebuild = (file: string, ...more: readonly string[]) =>
      place.run(["rebuild", inKiln(file), "--dsc", inKiln(dsc), "-d", "trixie", ...more]);

    const same = await rebuild(buildinfo, "--sbom", "--provenance");
    const { names } = await readRecords(join(place.directory, "out/proven_1.0_amd64"));
    const other = await rebuild("other.buildinfo");
    const unknown = await rebuild("unknown.buildinfo");
    const bad = await rebuild("bad.buildinfo");

    expect(same.stderr).not.toMatch(/^error/m);
    expect(same).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^ {2}identical +proven_1\.0_amd64\.deb$/m),
    });
    expect(names).toEqual(
      expect.arrayContaining(["proven_1.0_amd64.spdx.json", "proven_1.0_amd64.provenance.json"]),
    );
    expect(other.stdout).toMatch(/^ {2}DIFFERENT +proven_1\.0_amd64\.deb$/m);
    expect(refusalOf(other)).toEqual(refused({ exitCode: 3, says: /^1 of \d files/, hint: /diffoscope/ }));
    expect(refusalOf(unknown)).toEqual(
      refused({
        exitCode: 4,
        says: /no-such-thing 1\.0 \(no such package\)/,
        hint: /--snapshot|--allow-newer/,
      }),
    );
    expect(refusalOf(bad)).toEqual(
      refused({
        exitCode: 3,
        says: /bad\.buildinfo, line \d+: control data has a line/,
        hint: /deb822\(5\)/,
      }),
    );

    const nmu = ["--make-binnmu", "Rebuild", "-m", "A Person <person@mirror.example>", "-o", "nmu"];
    expect(await kiln.run("build", dsc, ...nmu)).toMatchObject({ exitCode: 0 });
    expect(await rebuild(join("nmu", "proven_1.0+b1_amd64", "proven_1.0+b1_amd64.buildinfo"))).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^ {2}identical +proven_1\.0\+b1_amd64\.deb$/m),
    });
  });

  test("are signed on the host by a key that no container sees; without the key, results stay", async () => {
    const home = join(kiln.directory, "gnupg");
    await mkdir(home, { mode: 0o700 });
    const env = { GNUPGHOME: home };
    for (const [name, passphrase, ...until] of [
      ["person", ""],
      ["locked", "secret"],
      ["old", "", "20200102T000000"],
    ]) {
      const words = ["--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", passphrase ?? ""];
      const clock = until.length === 0 ? [] : ["--faked-system-time", "20200101T000000!"];
      const key = ["--quick-generate-key", `<${name}@mirror.example>`, "ed25519", "sign", ...until];
      await execa("gpg", [...words, ...clock, ...key], { env });
    }
    await execa("gpgconf", ["--kill", "all"], { env });
    Object.assign(kiln.environment, env);

    const signed = await kiln.run("build", tree, "--sign", "--sbom", "-o", "signed");
    const sign = (key: string, output: string) =>
      place.run(["build", tree, `--sign=${key}@mirror.example`, "-o", output], env);
    const unsigned = await sign("locked", "unsigned");
    const none = await sign("nobody", "none");
    const expired = await sign("old", "none");

    expect(signed.stderr).not.toMatch(/^error/m);
    expect(signed.exitCode).toBe(0);
    const directory = join(kiln.directory, "signed", "proven_1.0_amd64");
    for (const file of ["proven_1.0_amd64.changes", "proven_1.0_amd64.buildinfo", "proven_1.0.dsc"])
      await execa("gpg", ["--batch", "--verify", join(directory, file)], { env });
    await execa(
      "gpg",
      [
        "--batch",
        "--verify",
        join(directory, "proven_1.0_amd64.spdx.json.asc"),
        join(directory, "proven_1.0_amd64.spdx.json"),
      ],
      { env },
    );
    const { result } = await readRecords(directory);
    const changes = await readFile(join(directory, "proven_1.0_amd64.changes"), "utf8");
    const listed = new Map(parseChanges(changes, "changes").files.map(({ name, sha256 }) => [name, sha256]));
    for (const { name, sha256, kind } of result.artifacts.filter(({ kind }) => kind !== "changes"))
      expect([kind, listed.get(name)]).toEqual([kind, hexOf(sha256)]);
    const key = "key locked@mirror\\.example was not unlocked";
    expect(refusalOf(unsigned)).toEqual(refused({ exitCode: 2, says: new RegExp(key), hint: /\S/ }));
    expect(unsigned.stderr).toMatch(/not unlocked[^]*unsigned/);
    expect((await readRecords(join(place.directory, "unsigned", "proven_1.0_amd64"))).result.status).toBe(
      "successful",
    );
    expect(refusalOf(none)).toEqual(refused({ exitCode: 2, says: /no secret key nobody@/, hint: /\S/ }));
    expect(refusalOf(expired)).toEqual(
      refused({
        exitCode: 2,
        says: /key old@mirror\.example can no longer sign: it has expired/,
        hint: /\S/,
      }),
    );
    expect(await readdir(place.directory)).not.toContain("none");
    await execa("gpgconf", ["--kill", "all"], { env });
  });
});

/** Of the file's SHA256. */
function otherChecksum(text: string, name: string): string {
  return text.replace(
    new RegExp(`^ [0-9a-f]{64} (\\d+ ${name.replaceAll(".", "\\.")})$`, "m"),
    ` ${"0".repeat(64)} $1`,
  );
}

function withUnknownPackage(text: string): string {
  return text.replace("Installed-Build-Depends:\n", "Installed-Build-Depends:\n no-such-thing (= 1.0),\n");
}

function textOf(directory: string | undefined, file: string): Promise<string> {
  return readFile(join(directory ?? "", file), "utf8");
}

/** What has no time of its build in it. */
function products(artifacts: readonly Artifact[]): readonly Artifact[] {
  return artifacts.filter(({ kind }) => kind !== "changes" && kind !== "buildinfo");
}
