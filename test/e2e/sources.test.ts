import { mkdir, readFile, readdir, rename, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { basename, join } from "node:path";
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { parseBuildinfo } from "../../src/debian/buildinfo.ts";
import { parseChanges } from "../../src/debian/changes.ts";
import { mainEngine } from "./engine.ts";
import { program, readRecords } from "./kiln.ts";
import { writeTree } from "./package.ts";
import { releasedSha256, writePristineClone } from "./pristine-clone.ts";
import { kilnFor } from "./opened.ts";

describe(`debkiln build on ${mainEngine.name}`, () => {
  const kiln = kilnFor("each test", mainEngine);

  test("makes a native tree's packages and source, and the same again of the .dsc that came out", async () => {
    const tree = await writeTree(kiln.directory, { name: "tiny-native" });

    const fromTree = await kiln.run("build", tree);
    const built = join(kiln.directory, "tiny-native_1.0_amd64");
    const fromDsc = await kiln.run("build", join(built, "tiny-native_1.0.dsc"), "-o", "again");

    expect(fromTree).toMatchObject({ exitCode: 0 });
    expect(fromDsc).toMatchObject({ exitCode: 0 });
    const { names } = await readRecords(built);
    expect(names).toEqual([
      "events.jsonl",
      "lock.json",
      "result.json",
      "tiny-native_1.0.dsc",
      "tiny-native_1.0.tar.xz",
      "tiny-native_1.0_amd64.build",
      "tiny-native_1.0_amd64.buildinfo",
      "tiny-native_1.0_amd64.changes",
      "tiny-native_1.0_amd64.deb",
    ]);
    const deb = "tiny-native_1.0_amd64.deb";
    const again = join(kiln.directory, "again/tiny-native_1.0_amd64");
    expect(await readFile(join(again, deb))).toEqual(await readFile(join(built, deb)));
    expect((await readRecords(again)).names).not.toContain("tiny-native_1.0.dsc");
  });

  test("makes a quilt tree with its original tarball, also when results go into it, and the same of its .dsc behind an address", async () => {
    const tree = await writeTree(kiln.directory, {
      name: "tiny-quilt",
      version: "1:2.0-1",
      format: "3.0 (quilt)",
    });
    await writeFile(join(tree, ".debkiln.toml"), "");

    const fromTree = await kiln.run("build", tree, "-o", tree);
    const built = join(tree, "tiny-quilt_2.0-1_amd64");
    await using server = await serve(built);
    const fromUrl = await kiln.run("build", `${server.url}/tiny-quilt_2.0-1.dsc`, "-o", "again");

    expect(fromTree).toMatchObject({ exitCode: 0 });
    expect((await readRecords(built)).names).toEqual(
      expect.arrayContaining([
        "tiny-quilt_2.0-1.debian.tar.xz",
        "tiny-quilt_2.0-1.dsc",
        "tiny-quilt_2.0-1_amd64.deb",
        "tiny-quilt_2.0.orig.tar.gz",
      ]),
    );
    expect(fromUrl).toMatchObject({ exitCode: 0 });
    const deb = "tiny-quilt_2.0-1_amd64.deb";
    expect(await readFile(join(kiln.directory, "again/tiny-quilt_2.0-1_amd64", deb))).toEqual(
      await readFile(join(built, deb)),
    );
  });

  test("takes source format 1.0, and says in the .changes and .buildinfo what it made", async () => {
    const tree = await writeTree(kiln.directory, { name: "tiny-old", version: "3-1", format: "1.0" });

    const ended = await kiln.run("build", tree);

    expect(ended).toMatchObject({ exitCode: 0 });
    const stem = join(kiln.directory, "tiny-old_3-1_amd64", "tiny-old_3-1_amd64");
    const changes = parseChanges(await readFile(`${stem}.changes`, "utf8"), "changes");
    expect(changes).toMatchObject({ distribution: "trixie", architectures: ["source", "amd64"] });
    expect(changes.files.map(({ name }) => name).toSorted()).toEqual([
      "tiny-old_3-1.diff.gz",
      "tiny-old_3-1.dsc",
      "tiny-old_3-1_amd64.buildinfo",
      "tiny-old_3-1_amd64.deb",
      "tiny-old_3.orig.tar.gz",
    ]);
    const buildinfo = parseBuildinfo(await readFile(`${stem}.buildinfo`, "utf8"), "buildinfo");
    expect(buildinfo.buildPath).toBe("/build/reproducible-path/tiny-old-3");
    expect(buildinfo.installed.map(({ name }) => name)).toContain("gcc-14");
  });

  test("makes the source of a native tree in format 1.0", async () => {
    const tree = await writeTree(kiln.directory, { name: "tiny-older", version: "4", format: "1.0" });

    const ended = await kiln.run("source", tree);

    expect(ended).toMatchObject({ exitCode: 0 });
    const { names } = await readRecords(join(kiln.directory, "tiny-older_4_source"));
    expect(names.filter((name) => /dsc$|tar|diff/.test(name))).toEqual([
      "tiny-older_4.dsc",
      "tiny-older_4.tar.gz",
    ]);
  });

  test("takes trees as dgit has them: patches applied without a trace, or none made yet of the changes", async () => {
    const applied = await writeTree(kiln.directory, { ...quilt, name: "tiny-applied" });
    const single = await writeTree(kiln.directory, { ...quilt, name: "tiny-single" });
    const loose = await writeTree(kiln.directory, { ...quilt, name: "tiny-loose" });
    for (const tree of [applied, single, loose])
      await writeFile(join(tree, "greeting.txt"), "good evening\n");
    const patch = "--- a/greeting.txt\n+++ b/greeting.txt\n@@ -1 +1 @@\n-good day\n+good evening\n";
    await mkdir(join(applied, "debian/patches"));
    await writeFile(join(applied, "debian/patches/evening.patch"), patch);
    await writeFile(join(applied, "debian/patches/series"), "evening.patch\n");
    await writeFile(join(single, "debian/source/options"), "single-debian-patch\n");

    const ended = await kiln.run("build", applied, single, loose);

    expect(ended).toMatchObject({ exitCode: 3 });
    expect(ended.stderr).toContain("changes to upstream's files that no patch in debian/patches makes");
    for (const name of ["tiny-applied", "tiny-single"]) {
      const directory = join(kiln.directory, `${name}_1.0-1_amd64`);
      const deb = join(directory, `${name}_1.0-1_amd64.deb`);
      const { stdout } = await execa`dpkg-deb --fsys-tarfile ${deb}`
        .pipe`tar -xO ./usr/share/${name}/greeting.txt`;
      expect(stdout).toBe("good evening");
      expect((await readRecords(directory)).names).toContain(`${name}_1.0-1.dsc`);
    }
  });

  test("makes of a clone's branch pristine-tar what upstream had released, byte for byte", async () => {
    const clone = await writePristineClone(kiln.directory);

    const ended = await kiln.run("source", clone);

    expect(ended).toMatchObject({ exitCode: 0 });
    const { log, result } = await readRecords(join(kiln.directory, "tiny-pristine_1.0-1_source"));
    expect(log).toContain("\nOriginal tarball: made by pristine-tar, byte for byte what upstream released\n");
    expect(result.artifacts).toContainEqual(
      expect.objectContaining({
        name: "tiny-pristine_1.0.orig.tar.gz",
        sha256: `sha256:${releasedSha256}`,
      }),
    );
  });

  test("takes a .dsc of a known key, and refuses it once it is altered or nobody's key", async () => {
    const tree = await writeTree(kiln.directory, { name: "tiny-signed" });
    await execa({ cwd: kiln.directory })`dpkg-source --build ${tree}`;
    const dsc = join(kiln.directory, "tiny-signed_1.0.dsc");
    const home = join(kiln.directory, "gnupg");
    await mkdir(home, { mode: 0o700 });
    const gpg = (...words: readonly string[]) =>
      execa("gpg", ["--homedir", home, "--batch", "--passphrase", "", ...words]);
    await gpg("--quick-generate-key", "Jane", "ed25519", "sign", "0");
    await gpg("--export", "-o", join(kiln.directory, "jane.gpg"));
    await gpg("--clear-sign", "-o", `${dsc}.asc`, dsc);
    await rename(`${dsc}.asc`, dsc);
    await execa("gpgconf", ["--homedir", home, "--kill", "all"]);
    const lock = ["lock", "-d", "trixie", "-o", "a.lock"] as const;
    const strict = [...lock, "--dsc-signature", "require"] as const;

    const known = await kiln.run(...strict, "--dsc-keyring", "jane.gpg", dsc);
    const unknown = await kiln.run(...strict, dsc);
    await writeFile(dsc, (await readFile(dsc, "utf8")).replace("A Person", "A Stranger"));
    const altered = await kiln.run(...lock, "--dsc-keyring", "jane.gpg", dsc);

    expect(known).toMatchObject({ exitCode: 0 });
    expect(known.stderr).toContain("tiny-signed_1.0.dsc is signed by Jane with the key ");
    expect(unknown).toMatchObject({ exitCode: 3 });
    expect(unknown.stderr).toContain("which is in no keyring of Debian's nor in yours");
    expect(altered).toMatchObject({ exitCode: 3 });
    expect(altered.stderr).toContain("is not what Jane has signed");
  });

  test("builds binaries only, with a warning, of a tree whose original tarball is missing", async () => {
    const tiny = { name: "tiny-lone", version: "1.0-1", format: "3.0 (quilt)" } as const;
    const tree = await writeTree(kiln.directory, tiny, { orig: false });

    const ended = await kiln.run("build", tree);

    expect(ended).toMatchObject({ exitCode: 0 });
    expect(ended.stderr).toContain("warning: There is no tiny-lone_1.0.orig.tar.* beside the tree");
    const { names } = await readRecords(join(kiln.directory, "tiny-lone_1.0-1_amd64"));
    expect(names.filter((name) => /deb$|dsc$/.test(name))).toEqual(["tiny-lone_1.0-1_amd64.deb"]);
  });

  test("leaves out either kind of packages, those that are architecture-independent or the others", async () => {
    const tree = await writeTree(kiln.directory, {
      name: "tiny-two",
      binaries: { "tiny-two": "any", "tiny-two-doc": "all" },
    });

    const all = await kiln.run("build", "--no-arch-any", tree);
    const any = await kiln.run("build", "--no-arch-all", tree);

    expect([all.exitCode, any.exitCode]).toEqual([0, 0]);
    expect(await debsIn(join(kiln.directory, "tiny-two_1.0_all"))).toEqual(["tiny-two-doc_1.0_all.deb"]);
    expect(await debsIn(join(kiln.directory, "tiny-two_1.0_amd64"))).toEqual(["tiny-two_1.0_amd64.deb"]);
  });

  test("hands profiles, build options and jobs on to the build", async () => {
    const tree = await writeTree(kiln.directory, { name: "tiny-words" });
    const words = ["--profiles", "nocheck,nodoc", "--build-option", "nocheck", "--build-option", "terse"];

    const ended = await kiln.run("build", ...words, "-j", "3", "-s", tree);

    expect(ended).toMatchObject({ exitCode: 0 });
    const deb = join(kiln.directory, "tiny-words_1.0_amd64/tiny-words_1.0_amd64.deb");
    const options =
      await execa`sh -c ${'dpkg-deb --fsys-tarfile "$0" | tar -xO ./usr/share/tiny-words/options'} ${deb}`;
    expect(options.stdout).toBe("nocheck terse parallel=3 / nocheck nodoc");
  });

  test("builds several sources in one command, and without any the tree here, as git-buildpackage wants it", async () => {
    const one = await writeTree(kiln.directory, { name: "tiny-one" });
    const two = await writeTree(kiln.directory, { name: "tiny-other" });

    const both = await kiln.run("build", one, two);
    const exported = join(kiln.directory, "build-area");
    await mkdir(exported);
    await rename(one, join(exported, "tiny-one-1.0"));
    const here = await asGbp(`${program} build`, join(exported, "tiny-one-1.0"));

    expect(both).toMatchObject({ exitCode: 0 });
    expect(here).toMatchObject({ exitCode: 0 });
    for (const directory of ["tiny-one_1.0_amd64", "tiny-other_1.0_amd64", "build-area/tiny-one_1.0_amd64"]) {
      expect(await debsIn(join(kiln.directory, directory))).toHaveLength(1);
    }
    const names = ["tiny-one_1.0.dsc", "tiny-one_1.0_amd64.build", "tiny-one_1.0_amd64.changes"];
    expect(await readdir(exported)).toEqual(expect.arrayContaining([...names, "tiny-one_1.0_amd64.deb"]));
  });

  /** Runs a builder as git-buildpackage 0.9.30 does: by a shell, in the tree, whose path is in the environment. */
  function asGbp(builder: string, tree: string) {
    const env = { ...kiln.environment, GBP_BUILD_DIR: tree };
    return execa("sh", ["-c", builder], { cwd: tree, env, extendEnv: false });
  }
});

const quilt = { version: "1.0-1", format: "3.0 (quilt)" } as const;

async function debsIn(directory: string): Promise<string[]> {
  return (await readRecords(directory)).names.filter((name) => name.endsWith(".deb"));
}

/** Serves the files of a directory on the loopback interface. */
async function serve(directory: string): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((request, response) => {
    readFile(join(directory, basename(request.url ?? ""))).then(
      (content) => response.end(content),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : address}`,
    [Symbol.asyncDispose]: async () => {
      server.close();
    },
  };
}
