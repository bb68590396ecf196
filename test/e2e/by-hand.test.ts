import { randomBytes } from "node:crypto";
import { chmod, mkdir, readFile, readdir, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { alterImage } from "./alter.ts";
import { mainEngine } from "./engine.ts";
import { readRecords, removal } from "./kiln.ts";
import { writeTree } from "./package.ts";
import { writeSmallImage } from "./registry/small-image.ts";
import { kilnFor } from "./opened.ts";

const trixie = ["-d", "trixie"];

describe(`work by hand on ${mainEngine.name}`, () => {
  const kiln = kilnFor("each test", mainEngine);
  let name: string;
  beforeEach(() => {
    name = `test-${randomBytes(4).toString("hex")}`;
  });
  afterEach(async () => void (await kiln.run("env", "rm", name)));

  test("is built in and worked in with what settings and flags provide", async () => {
    const run = async (...words: string[]) => {
      const ended = await kiln.run(...words);
      expect(ended).toMatchObject({ exitCode: 0 });
      return ended.stdout;
    };
    await run("env", "init", name, ...trixie);
    const wrong = await kiln.run("install", "--env", name, "hello", "no-such-package-at-all");
    const source = await writeTree(kiln.directory, { name: "tiny-hand" });
    const read = `${kiln.directory}/data:/mnt/data`;
    await mkdir(join(kiln.directory, "data"));
    // The engine's user is another than the one of these tests.
    await chmod(kiln.directory, 0o755);
    await run(
      "build",
      "--env",
      name,
      "--bind-mount",
      read,
      "--tmpfs",
      "/build:64M",
      "-o",
      kiln.directory,
      source,
    );
    const built = await readRecords(join(kiln.directory, "tiny-hand_1.0_amd64"));
    await writeFile(join(kiln.directory, "data", "note"), "shown\n");
    const laid =
      'hostname = "kilnhost"\nvariables.CFLAGS = "-O1"\nfiles."/etc/laid" = { text = "laid\\n" }\n';
    await writeFile(join(kiln.directory, "by-hand.toml"), laid);
    const seen = await run(
      "exec",
      "--env",
      name,
      "--config",
      "by-hand.toml",
      "--bind-mount",
      read,
      "--tmpfs",
      "/scratch:1M",
      "--",
      "sh",
      "-c",
      "cat /mnt/data/note /etc/laid; hostname; echo $CFLAGS; stat -fc %T /scratch",
    );
    const needy = await writeTree(kiln.directory, { name: "tiny-needy", fields: ["Build-Depends: figlet"] });
    await writeFile(join(kiln.directory, "pins"), "Package: figlet\nPin: release *\nPin-Priority: -1\n");
    const pinned = await kiln.run("lock", ...trixie, "--preferences", "pins", "--output", "l.json", needy);
    const again = await kiln.run("env", "init", name, ...trixie);

    expect(wrong).toMatchObject({ exitCode: 4 });
    expect(wrong.stderr).toContain("Unable to locate package no-such-package-at-all");
    expect(built.result).toMatchObject({
      status: "successful",
      named: { name },
      provisions: {
        mounts: [{ path: "/mnt/data", writable: false }],
        tmpfs: [{ path: "/build", sizeBytes: 64 * 1024 ** 2 }],
      },
    });
    expect(built.log).toContain("at /mnt/data, read-only");
    expect(seen.split("\n").slice(0, 5)).toEqual(["shown", "laid", "kilnhost", "-O1", "tmpfs"]);
    expect(pinned).toMatchObject({ exitCode: 4 });
    expect(pinned.stderr).toContain("figlet");
    expect(again).toMatchObject({ exitCode: 2 });
    expect(again.stderr).toContain("--replace");
    await expect.poll(() => kiln.containers(), removal).toEqual([]);
  });

  test("refuses an environment that something else made of it, and one that was changed by hand", async () => {
    await kiln.succeed("env", "init", name, ...trixie);
    await kiln.succeed("snapshot", "create", name, "good");
    const failed = await kiln.run("exec", "--env", name, "--save", "--", "sh", "-c", "echo > note; exit 3");
    const dropped = await kiln.run("exec", "--env", name, "--", "cat", "note");
    const removeHostname = ["--root", "--", "dpkg", "--purge", "--force-all", "hostname"];
    await alterImage(mainEngine, `localhost/debkiln/named/${name}:latest`);

    const altered = await kiln.run("exec", "--env", name, "--", "true");
    const exported = await kiln.run("env", "export", name, "oci-archive:altered.tar");
    await kiln.succeed("snapshot", "restore", name, "good");
    const saved = await kiln.run("exec", "--env", name, "--save", ...removeHostname);
    const taken = await kiln.run("snapshot", "create", name, "good");
    const works = await kiln.run("exec", "--env", name, "--", "true");
    const install = await kiln.run("install", "--env", name, "hello");

    expect(taken).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("debkiln snapshot rm") });
    expect([failed, dropped].map(({ exitCode }) => exitCode)).toEqual([3, 1]);
    expect(altered).toMatchObject({ exitCode: 5 });
    expect(altered.stderr).toContain("not what its lock says: - hostname");
    expect(exported).toMatchObject({ exitCode: 5 });
    expect(exported.stderr).toContain("not what its lock says: - hostname");
    expect(await readdir(kiln.directory)).not.toContain("altered.tar");
    expect(saved).toMatchObject({ exitCode: 0 });
    expect(saved.stderr).toContain("has other packages than its lock says: - hostname");
    expect(works).toMatchObject({ exitCode: 0 });
    expect(install).toMatchObject({ exitCode: 5 });
    expect(install.stderr).toContain("debkiln env init --replace");
  });

  test("takes files in, and lets nothing out that leads elsewhere", async () => {
    await mkdir(join(kiln.directory, "tree"));
    await writeFile(join(kiln.directory, "tree/note"), "in and out\n", { mode: 0o640 });
    await symlink("note", join(kiln.directory, "tree/link"));
    await kiln.succeed("env", "init", name, ...trixie);
    const work = "/build/reproducible-path/tree";

    const goneIn = await kiln.run("cp", "tree", `${name}:/build/reproducible-path`);
    const evil = ["ln -s /etc/passwd evil", "ln -s ../../x up", "mkfifo pipe", "chmod 4755 note"].join("; ");
    await kiln.succeed("exec", "--env", name, "--save", "--directory", work, "--", "sh", "-c", evil);
    const comeOut = await kiln.run("cp", `${name}:${work}`, "out");
    const again = await kiln.run("cp", `${name}:${work}/note`, "out");
    const nothing = await kiln.run("cp", `${name}:/no/such`, "nothing");

    expect([goneIn, comeOut, again, nothing].map(({ exitCode }) => exitCode)).toEqual([0, 0, 2, 2]);
    expect((await readdir(join(kiln.directory, "out"))).toSorted()).toEqual(["link", "note"]);
    expect(await readFile(join(kiln.directory, "out/link"), "utf8")).toBe("in and out\n");
    expect((await stat(join(kiln.directory, "out/note"))).mode & 0o7777).toBe(0o755);
    for (const left of ["evil", "up", "pipe"]) expect(comeOut.stderr).toContain(`Left out: ${left}`);
    expect((await readdir(kiln.directory)).filter((each) => each.startsWith(".partial"))).toEqual([]);
  });

  test("begins afresh where nothing is named, with the packages wanted", async () => {
    const words = [...trixie, "--package", "hello", "--", "sh", "-c", "hello; id -u; touch /etc/x; exit 9"];

    const ended = await kiln.run("exec", ...words);

    expect(ended).toMatchObject({ exitCode: 9, stdout: "Hello, world!\n1234" });
    expect(ended.stderr).toContain("Permission denied");
  });

  test("says in a line what is wrong with what was named", async () => {
    await writeSmallImage(join(kiln.directory, "small"));
    const wrong = [
      ["shell", "--env", "../x"],
      ["exec", "--env", name, "--", "true"],
      ["snapshot", "create", name, "a b"],
      ["apt", "--env", name, "--", "instal", "hello"],
      ["install", "--env", name, "--", "-oDir::Bin=/x"],
      ["exec", "--save", "--", "true"],
      ["cp", "a", "b"],
      ["scrub", "indice"],
      ["exec", "--from", "small", "--", "true"],
    ];
    const ended = await Promise.all(wrong.map((words) => kiln.run(...words)));

    expect(ended.map(({ exitCode }) => exitCode)).toEqual(wrong.map(() => 2));
    expect(ended.map(({ stderr }) => /^error: .+\nhint: .+$/.test(stderr))).toEqual(wrong.map(() => true));
  });
});
