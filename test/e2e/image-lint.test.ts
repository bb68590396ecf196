import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { tarOfEntries } from "../../src/image/tree/write-tar.ts";
import { connect, describeEngines, type TestedEngine } from "../engine/engines.ts";
import { uniqueName } from "../engine/test-image.ts";
import { goodRoot } from "../unit/image/lint/good-root.ts";
import { type Piece, file, treeOf } from "../unit/image/lint/root.ts";
import { mainEngine } from "./engine.ts";
import { kilnFor } from "./opened.ts";

describeEngines("lint of an engine's image", (engine) => {
  const kiln = kilnFor("each test", engine);
  let name: string;
  beforeEach(() => {
    name = `localhost/${uniqueName()}:lint`;
  });
  afterEach(async () => {
    await using connected = await connect(engine);
    if ((await connected.image(name)) !== null) await connected.removeImage(name);
  });

  test("finds nothing wrong in a good one", async () => {
    await importRoot(engine, name, goodRoot, ['LABEL containers.bootc="1"']);

    const ended = await kiln.run("image", "lint", "--fatal-warnings", name);

    expect(ended).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^Checks passed: \d+$/) });
  });

  test("is not all: it is described, its packages are listed, and compared with another's", async () => {
    const other = `${name}-other`;
    await importRoot(engine, name, goodRoot, ['LABEL containers.bootc="1"']);
    await importRoot(engine, other, { ...goodRoot, "usr/share/more": "more\n" }, []);
    const places = [`containers-storage:${name}`, `containers-storage:${other}`] as const;

    const inspected = await kiln.run("image", "inspect", places[0]);
    const bill = await kiln.run("image", "sbom", places[0]);
    const compared = await kiln.run("image", "diff", "--files", ...places);

    await using connected = await connect(engine);
    await connected.removeImage(other);
    expect(inspected).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("containers.bootc") });
    expect(bill).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('"name": "sudo"') });
    expect(compared).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("usr/share/more") });
  });

  test("finds what is wrong in another, set-id bits and all", async () => {
    const bad = {
      ...goodRoot,
      "usr/bin/mine": file("program", { mode: 0o4755 }),
      "etc/ssh/ssh_host_rsa_key": "key",
    };
    await importRoot(engine, name, bad, []);

    const ended = await kiln.run("image", "lint", `containers-storage:${name}`);

    expect(ended.exitCode).toBe(3);
    expect(ended.stdout).toContain("Failed lint: bootable-label [debkiln]: Neither label is there");
    expect(ended.stdout).toContain(
      "Failed lint: ssh-host-keys [debkiln]: Found ssh host keys:\n  /etc/ssh/ssh_host_rsa_key\n",
    );
    expect(ended.stdout).toContain("  /usr/bin/mine (4755 0:0, of no package)\n");
    expect(ended.stderr).toContain("error: Checks failed: 2");
  });
});

describe("lint of a directory", () => {
  const kiln = kilnFor("each test", mainEngine);
  let root: string;
  beforeEach(async () => {
    root = join(kiln.directory, "root");
    await unpack(goodRoot, root);
  });

  test("mends it, and then has less to say", async () => {
    await writeFile(join(root, "var/run"), "");
    await writeFile(join(root, "run/lock"), "");

    const before = await kiln.run("image", "lint", "root");
    const mended = await kiln.run("image", "lint", "--fix", "root");
    const after = await kiln.run("image", "lint", "--only", "bootc", "--skip", "var-tmpfiles", "root");

    expect([before.exitCode, mended.exitCode, after.exitCode]).toEqual([3, 0, 0]);
    expect(mended.stdout).toContain("Mended: var-run: removed /var/run, made the link /var/run -> /run\n");
    expect(mended.stdout).toContain("Mended: nonempty-run-tmp: removed /run/lock\n");
    expect(after.stdout).toBe("Checks passed: 13\nChecks skipped: 1");
  });

  test("ends where bootc would, and says why", async () => {
    await writeFile(join(root, "usr/lib/bootc/kargs.d/20-bad.toml"), "kargs = 1\n");

    const ended = await kiln.run("image", "lint", "--only", "bootc", "root");

    expect(ended).toMatchObject({ exitCode: 3, stdout: "" });
    expect(ended.stderr).toMatch(
      /^error: Unexpected runtime error running lint bootc-kargs: Parsing 20-bad.toml$/m,
    );
    expect(ended.stderr).toMatch(/^hint: Mend \/usr\/lib\/bootc\/kargs.d\/20-bad.toml: kargs /m);
  });

  test("is told apart from what is not there, and wants known names", async () => {
    const missing = await kiln.run("image", "lint", "./nothing");
    const unknown = await kiln.run("image", "lint", "--skip", "var-lock", "root");
    const none = await kiln.run("image", "lint");

    expect([missing.exitCode, unknown.exitCode, none.exitCode]).toEqual([2, 2, 2]);
    expect(unknown.stderr).toContain("hint: Did you mean var-log?");
  });
});

async function importRoot(
  engine: TestedEngine,
  name: string,
  pieces: Readonly<Record<string, Piece>>,
  changes: readonly string[],
): Promise<void> {
  await using connected = await connect(engine);
  const tar = Readable.from(tarOfEntries(treeOf(pieces).values()), { objectMode: false });
  const { architecture } = await connected.about();
  await connected.import(tar, name, { changes, architecture });
}

/** Without owners and set-id bits: tests need no root. */
async function unpack(pieces: Readonly<Record<string, Piece>>, root: string): Promise<void> {
  for (const entry of treeOf(pieces).values()) {
    const place = join(root, entry.path);
    await mkdir(entry.type === "directory" ? place : dirname(place), { recursive: true });
    if (entry.type === "symlink") await symlink(entry.target, place);
    if (entry.type === "file" && entry.content.from === "bytes") await writeFile(place, entry.content.bytes);
  }
}
