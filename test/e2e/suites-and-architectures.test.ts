import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { beforeEach, describe, expect, test } from "vitest";
import { type Lock, environmentKey } from "../../src/environment/lock.ts";
import { imageReference } from "../../src/environment/names.ts";
import { connect } from "../engine/engines.ts";
import { type TestRepository, openRepository, signedBy } from "../loopback/repository.ts";
import { serveProxy } from "../loopback/servers.ts";
import { makeDeb } from "../unit/repository/packages.ts";
import { alterImage } from "./alter.ts";
import { mainEngine } from "./engine.ts";
import { readRecords } from "./kiln.ts";
import { writeTree } from "./package.ts";
import { kilnFor } from "./opened.ts";

describe(`debkiln build on ${mainEngine.name}`, () => {
  const kiln = kilnFor("all tests", mainEngine);

  test("takes a package of backports when nothing else will do, and no more from there", async () => {
    const fields = ["Build-Depends: debhelper-compat (= 14), cmake"];
    const tree = await writeTree(kiln.directory, { name: "newer", fields });

    const { exitCode, stderr } = await kiln.run("build", tree, "-d", "trixie-backports");

    expect(stderr).not.toMatch(/^error/m);
    expect(exitCode).toBe(0);
    const { lock } = await readRecords(join(kiln.directory, "newer_1.0_amd64"));
    const names = lock?.packages.filter(({ version }) => version.includes("~bpo")).map(({ name }) => name);
    expect(names).toEqual(["debhelper", "libdebhelper-perl"]);
  });

  describe("with a signed repository, through a proxy,", () => {
    let repository: TestRepository;
    beforeEach(async () => {
      const word = { "usr/share/extra-tool/word": "from the extra repository\n" };
      repository = await openRepository(kiln.directory, [{ name: "extra-tool", files: word }], { extra: {} });
      return () => repository[Symbol.asyncDispose]();
    });

    test("brings all that it takes from there through the proxy, and installs it", async () => {
      await using proxy = await serveProxy();
      const sources = await repository.sources("extra", [signedBy(repository.key)]);
      const tree = await writeTree(kiln.directory, {
        name: "extra",
        fields: ["Build-Depends: extra-tool"],
        build: ["cat /usr/share/extra-tool/word"],
      });

      const { exitCode } = await kiln.run("build", tree, "--repository", sources, "--proxy", proxy.url);

      const { log } = await readRecords(join(kiln.directory, "extra_1.0_amd64"));
      expect(exitCode).toBe(0);
      expect(log).toContain("\nfrom the extra repository\n");
      const proxied = proxy.requests.filter((each) => each.includes(repository.server.url));
      expect(proxied).toHaveLength(repository.server.requests.length);
      expect(proxied.join("\n")).toMatch(/\/InRelease[^]*\/Packages[^]*\/extra-tool_1\.0_all\.deb/);
    });
  });

  test("finds base and environment again when the archive moved without them", async () => {
    const tree = await writeTree(kiln.directory, { name: "same" });
    await kiln.succeed("build", tree);
    await rm(join(kiln.environment["DEBKILN_CACHE_DIR"] ?? "", "memo", "base"), { recursive: true });

    const { exitCode, stderr } = await kiln.run("build", tree);

    expect(exitCode).toBe(0);
    expect(stderr).toContain("base: unchanged");
    expect(stderr).toContain("environment: hit");
  });

  test("never builds in an environment that was changed by hand", async () => {
    // Of its own, for a run that is killed here leaves the environment as it is.
    const tool = `tool-${randomBytes(4).toString("hex")}`;
    const deb = await makeDeb(kiln.directory, { name: tool });
    const fields = [`Build-Depends: ${tool}`];
    const tree = await writeTree(kiln.directory, {
      name: "changed",
      fields,
      build: [`test -f /usr/share/${tool}/word`],
    });
    await kiln.succeed("build", tree, "--extra-package", deb);
    const lock = await readLock(join(kiln.directory, "changed_1.0_amd64"));
    const reference = imageReference("environment", environmentKey(lock));
    await using engine = await connect(mainEngine);
    await alterImage(mainEngine, reference, { remove: tool });

    const { exitCode, stderr } = await kiln.run("build", tree, "--extra-package", deb);
    await engine.removeImage(reference);

    expect(stderr).toContain(`\nerror: The environment is not what its lock says: - ${tool} 1.0\n`);
    expect(stderr).toMatch(/^hint: .*debkiln env rm/m);
    expect(exitCode).toBe(5);
  });

  test("cross-builds packages for another architecture, one with the other, with compilers of this one", async () => {
    const names = ["crossed-lib", "crossed-user"];
    const compile = "$$(dpkg-architecture -qDEB_HOST_GNU_TYPE)-gcc -x c - -o built/one";
    const build = ["test $$(uname -m) = x86_64", "mkdir -p built", `printf '${program}' | ${compile}`];
    const trees = await Promise.all([
      writeTree(kiln.directory, { name: "crossed-user", build, fields: ["Build-Depends: crossed-lib"] }),
      writeTree(kiln.directory, { name: "crossed-lib", build }),
    ]);

    const { exitCode, stderr } = await kiln.run("chain", "--host", "arm64", "--setenv", "A=b", ...trees);

    expect(stderr).toContain("cross build: tools of amd64 make packages of arm64");
    expect(exitCode).toBe(0);
    for (const name of names) {
      const { result, log, lock } = await readRecords(join(kiln.directory, `${name}_1.0_arm64`));
      expect(result.architectures).toEqual({ build: "amd64", host: "arm64" });
      expect(log).toMatch(/^Execution: cross build/m);
      expect(log).toMatch(/^Further variables: A$/m);
      expect(lock?.architecture).toBe("amd64");
      expect(await machineOf(join(kiln.directory, `${name}_1.0_arm64/${name}_1.0_arm64.deb`))).toBe(aarch64);
    }
    const { lock } = await readRecords(join(kiln.directory, "crossed-user_1.0_arm64"));
    expect(lock?.packages.find(({ name }) => name === "crossed-lib")?.architecture).toBe("arm64");
  });

  // Where much else runs, minutes under qemu become many.
  const patience = { timeout: 1_800_000 };
  test("builds packages for another architecture, whose programs qemu runs", patience, async () => {
    const names = ["foreign-one", "foreign-two"];
    const build = [
      "test $$(uname -m) = aarch64",
      "mkdir -p built",
      `printf '${program}' | cc -x c - -o built/one && ./built/one`,
    ];
    const trees = await Promise.all(names.map((name) => writeTree(kiln.directory, { name, build })));

    const { exitCode, stderr } = await kiln.run("chain", "--arch", "arm64", "--no-arch-all", ...trees);

    expect(stderr).toContain(
      "emulated build: tools of arm64 make packages of arm64, emulated by qemu-user on",
    );
    expect(exitCode).toBe(0);
    for (const name of names) {
      const { lock } = await readRecords(join(kiln.directory, `${name}_1.0_arm64`));
      expect(lock?.architecture).toBe("arm64");
      expect(await machineOf(join(kiln.directory, `${name}_1.0_arm64/${name}_1.0_arm64.deb`))).toBe(aarch64);
    }
    const lock = await readLock(join(kiln.directory, "foreign-two_1.0_arm64"));
    await using engine = await connect(mainEngine);
    const base = await engine.image(imageReference("base", lock.base));
    expect(base?.architecture).toBe("arm64");
  });
});

const program = "int main(){return 0;}";

/** Of elf(5), e_machine. */
const aarch64 = 183;

/** For which machine the program in a package is, by its ELF header. */
async function machineOf(deb: string): Promise<number> {
  const made = await execa("dpkg-deb", ["--fsys-tarfile", deb], { encoding: "buffer", maxBuffer: 1024 ** 3 });
  const elf = Buffer.from(made.stdout);
  return elf.readUInt16LE(elf.indexOf("\u007fELF", 0, "latin1") + 18);
}

async function readLock(directory: string): Promise<Lock> {
  const { lock } = await readRecords(directory);
  if (lock === null) throw new Error(`No lock in ${directory}`);
  return lock;
}
