import { cp, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { digestOf, hexOf } from "../../src/base/digest.ts";
import { type LockFile, parseLockFile } from "../../src/environment/lock-file.ts";
import { environmentKey } from "../../src/environment/lock.ts";
import { imageReference } from "../../src/environment/names.ts";
import { type TestedEngine, connect, describeEngines } from "../engine/engines.ts";
import { serve } from "../loopback/servers.ts";
import { mainEngine } from "./engine.ts";
import { type Ended, type Kiln, openKiln, program, removal } from "./kiln.ts";

/** Of a suite that no other file builds for: its images are removed here. */
describeEngines("a locked build of sl", (engine) => {
  let kiln: Kiln;
  beforeAll(async () => {
    kiln = await openKiln(engine);
  });
  afterAll(() => kiln[Symbol.asyncDispose]());

  test("gives the same bytes with the network cut, from what was fetched alone", async () => {
    const built = await kiln.run("build", "sl", "-d", "bookworm");
    const locked = await kiln.run("lock", "sl", "-d", "bookworm");
    const fetched = await kiln.run("fetch", "lock.json", "-o", "sl.tar");
    for (const { stderr } of [built, locked, fetched]) expect(stderr).not.toMatch(/^error/m);
    await forgetImages(engine, await readLock(kiln));

    const again = await cutOff(kiln, "build", "--locked", "sl.tar", "--offline", "-o", "offline");

    expect(again.stderr).not.toMatch(/^error/m);
    for (const each of [built, locked, fetched, again]) expect(each).toMatchObject({ exitCode: 0 });
    const name = "sl_5.02-1_amd64";
    const [online, offline] = [join(kiln.directory, name), join(kiln.directory, "offline", name)];
    for (const file of [`${name}.deb`, "lock.json"])
      expect(await readFile(join(offline, file))).toEqual(await readFile(join(online, file)));
    await expect.poll(() => kiln.containers(), removal).toEqual([]);
  });
});

describe(`locks on ${mainEngine.name}`, () => {
  let kiln: Kiln;
  let lock: LockFile;
  beforeAll(async () => {
    kiln = await openKiln(mainEngine);
    const locked = await kiln.run("lock", "sl", "-d", "bookworm");
    const fetched = await kiln.run("fetch", "lock.json");
    if (locked.exitCode !== 0 || fetched.exitCode !== 0) throw new Error(locked.stderr + fetched.stderr);
    lock = await readLock(kiln);
  });
  afterAll(() => kiln[Symbol.asyncDispose]());

  /** Writes the lock with something else in it; gives its name. */
  async function alteredLock(change: (copy: LockFile) => unknown): Promise<string> {
    const name = `altered-${Math.random().toString(36).slice(2)}.json`;
    await writeFile(join(kiln.directory, name), JSON.stringify(change(structuredClone(lock))));
    return name;
  }

  test("are the same for the same source, and for a .buildinfo of it", async () => {
    const again = await kiln.run("lock", "sl", "-d", "bookworm", "-o", "again.json");
    await kiln.succeed("build", "--locked", "lock.json");
    const buildinfo = "sl_5.02-1_amd64/sl_5.02-1_amd64.buildinfo";
    const from = await kiln.run("lock", "--from", buildinfo, "-d", "bookworm", "-o", "from.json");

    expect([again.exitCode, from.exitCode]).toEqual([0, 0]);
    const text = await readFile(join(kiln.directory, "lock.json"), "utf8");
    expect(await readFile(join(kiln.directory, "again.json"), "utf8")).toBe(text);
    // bookworm's base has fakeroot, which no .buildinfo names: build-essential does not need it.
    const named = lock.lock.packages.filter(({ name }) => !/^(lib)?fakeroot$/.test(name));
    expect((await readLock(kiln, "from.json")).lock.packages).toEqual(named);
  });

  test("of a tree build the tree that is named, and no other", async () => {
    const { writeTree } = await import("./package.ts");
    const tree = await writeTree(kiln.directory, { name: "mine" });
    const other = await writeTree(kiln.directory, { name: "other" });
    await kiln.succeed("lock", tree, "-o", "mine.json");

    const right = await kiln.run("build", "--locked", "mine.json", tree, "--offline");
    const wrong = await kiln.run("build", "--locked", "mine.json", other, "--offline");
    const none = await kiln.run("build", "--locked", "mine.json", "--offline");

    expect(right.exitCode).toBe(0);
    expect(wrong).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("the lock is of mine 1.0") });
    expect(none).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("Name the tree") });
  });

  test("of another base are refused", async () => {
    const file = await alteredLock((copy) => ({
      ...copy,
      lock: { ...copy.lock, base: digestOf("another") },
    }));

    const { exitCode, stderr } = await kiln.run("build", "--locked", file, "--offline");

    expect(exitCode).toBe(4);
    expect(stderr).toContain(`base ${digestOf("another")} (bookworm amd64) is not in this engine`);
  });

  test("with another checksum than any file has are refused", async () => {
    const file = await alteredLock((copy) => withPackage(copy, { sha256: digestOf("other bytes") }));

    const offline = await kiln.run("build", "--locked", file, "--offline");
    const online = await kiln.run("build", "--locked", file);

    expect(offline).toMatchObject({
      exitCode: 4,
      stderr: expect.stringContaining("is not here with the checksum that the lock has"),
    });
    expect(online).toMatchObject({ exitCode: 5, stderr: expect.stringContaining("has the checksum") });
  });

  test("of a newer debkiln are refused", async () => {
    const file = await alteredLock((copy) => ({ ...copy, schemaVersion: 99 }));

    const { exitCode, stderr } = await kiln.run("build", "--locked", file);

    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/has version 99 of the form of locks[^]*hint: /);
  });

  test("that name a package nobody has any more are refused", async () => {
    await using server = await serve((_, answer) => answer.writeHead(404).end());
    const gone = { sha256: digestOf("gone"), uri: `${server.url}/pool/gone_1.0_all.deb` };
    const file = await alteredLock((copy) => withPackage(copy, gone));

    const { exitCode, stderr } = await kiln.run("fetch", file, "--mirror", server.url);

    expect(exitCode).toBe(4);
    expect(stderr).toContain(`${gone.uri} is no longer there`);
    expect(await readdir(kiln.directory)).not.toContain(file.replace(".json", ".fetched"));
  });

  test("do not build with bytes that were altered after they were fetched", async () => {
    const copy = join(kiln.directory, "spoiled");
    await cp(join(kiln.directory, "lock.fetched"), copy, { recursive: true });
    const [deb] = lock.lock.packages.filter(({ name }) => name === "debhelper");
    const blob = join(copy, "blobs/sha256", hexOf(deb?.sha256 ?? "sha256:"));
    const bytes = await readFile(blob);
    bytes.writeUInt8(bytes.readUInt8(1000) ^ 1, 1000);
    await writeFile(blob, bytes);
    await forgetImages(mainEngine, lock);

    const { exitCode, stderr } = await cutOff(kiln, "build", "--locked", "spoiled", "--offline", "-o", "no");

    expect(exitCode).toBe(5);
    expect(stderr).toMatch(/debhelper_\S+ has the checksum/);
    await expect.poll(() => kiln.containers(), removal).toEqual([]);
  });
});

async function readLock(kiln: Kiln, name = "lock.json"): Promise<LockFile> {
  return parseLockFile(await readFile(join(kiln.directory, name), "utf8"), name);
}

/** Runs the command in a network of its own without any way out, and with an empty cache. */
async function cutOff(kiln: Kiln, ...words: readonly string[]): Promise<Ended> {
  const env = { ...kiln.environment, DEBKILN_CACHE_DIR: join(kiln.directory, "cold") };
  // An ordinary user may have a network only in a user namespace (unshare(1)).
  const user = process.getuid?.() === 0 ? [] : ["--map-current-user"];
  const { exitCode, stdout, stderr } = await execa("unshare", [...user, "--net", program, ...words], {
    cwd: kiln.directory,
    env,
    extendEnv: false,
    stdin: "ignore",
    reject: false,
  });
  return { exitCode, stdout, stderr };
}

/** Takes the images of a lock away, so that they have to come from what was fetched; others may still use the base. */
async function forgetImages(tested: TestedEngine, { lock }: LockFile): Promise<void> {
  await using engine = await connect(tested);
  await engine.removeImage(imageReference("environment", environmentKey(lock)));
  await engine.removeImage(imageReference("base", lock.base));
}

/** The lock with one of the packages beyond its base altered. */
function withPackage(copy: LockFile, change: Partial<LockFile["lock"]["packages"][number]>): LockFile {
  const packages = copy.lock.packages.map((each) =>
    each.name === "debhelper" ? { ...each, ...change } : each,
  );
  return { ...copy, lock: { ...copy.lock, packages } };
}
