import { cp, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { zstdCompress, zstdDecompress } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { type Digest, digestOf, hexOf } from "../../src/base/digest.ts";
import { type LockFile, parseLockFile } from "../../src/environment/lock-file.ts";
import { environmentKey } from "../../src/environment/lock.ts";
import { imageReference } from "../../src/environment/names.ts";
import { connect } from "../engine/engines.ts";
import { serve } from "../loopback/servers.ts";
import { type Place, type Run, refusalOf, refused } from "./bad-input/place.ts";
import { mainEngine } from "./engine.ts";
import { digestOfBase } from "./fetched.ts";
import { type Kiln, readRecords, tasksOf } from "./kiln.ts";
import { writeTree } from "./package.ts";
import { kilnFor, placeFor } from "./opened.ts";

/** Of a suite that no other file builds for: its images are removed here. */
describe(`a locked build of sl on ${mainEngine.name}`, () => {
  const place = placeFor("all tests");

  test("gives the same bytes with the network cut, from what was fetched alone", async () => {
    const built = await place.run(["build", "sl", "-d", "bookworm"]);
    const locked = await place.run(["lock", "sl", "-d", "bookworm"]);
    const fetched = await place.run(["fetch", "lock.json", "-o", "sl.tar"]);
    for (const { stderr } of [built, locked, fetched]) expect(stderr).not.toMatch(/^error/m);
    await forgetImages(await readLock(place));

    const again = await cutOff(place, "build", "--locked", "sl.tar", "--offline", "-o", "offline");

    expect(again.stderr).not.toMatch(/^error/m);
    for (const each of [built, locked, fetched, again]) expect(each).toMatchObject({ exitCode: 0 });
    expect(again).toMatchObject({ containers: [], unfinished: [] });
    const name = "sl_5.02-1_amd64";
    const [online, offline] = ["out", "offline"].map((each) => join(place.directory, each, name));
    for (const file of [`${name}.deb`, "lock.json"])
      expect(await readFile(join(offline ?? "", file))).toEqual(await readFile(join(online ?? "", file)));
    // A container that asks would have the engine's network, which is not cut. What fetches packages is the command itself.
    const { events } = await readRecords(offline ?? "");
    expect(tasksOf(events)).toContain("install");
    expect(tasksOf(events).filter((task) => asking.test(task))).toEqual([]);
  });
});

describe(`locks on ${mainEngine.name}`, () => {
  const kiln = kilnFor("all tests", mainEngine);
  const place = placeFor("all tests");
  let lock: LockFile;
  beforeAll(async () => {
    const locked = await kiln.run("lock", "sl", "-d", "bookworm");
    const fetched = await kiln.run("fetch", "lock.json");
    if (locked.exitCode !== 0 || fetched.exitCode !== 0) throw new Error(locked.stderr + fetched.stderr);
    lock = await readLock(kiln);
  });

  /** Writes the lock with something else in it; gives its name. */
  async function alteredLock(change: (copy: LockFile) => unknown): Promise<string> {
    const name = `altered-${Math.random().toString(36).slice(2)}.json`;
    await writeFile(join(place.directory, name), JSON.stringify(change(structuredClone(lock))));
    return name;
  }

  /** Copies what was fetched, with one bit of a blob in it altered; gives its name. */
  async function spoiledFetch(digest: Digest | undefined): Promise<string> {
    const name = `spoiled-${Math.random().toString(36).slice(2)}`;
    await cp(join(kiln.directory, "lock.fetched"), join(place.directory, name), { recursive: true });
    const blob = join(place.directory, name, "blobs/sha256", hexOf(digest ?? "sha256:"));
    const bytes = await readFile(blob);
    const middle = bytes.length >> 1;
    bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
    await writeFile(blob, bytes);
    return name;
  }

  /** Copies what was fetched, with another word in a file of its base, in a layer that is whole for all that; gives its name. */
  async function forgedFetch(): Promise<string> {
    const name = `forged-${Math.random().toString(36).slice(2)}`;
    await cp(join(kiln.directory, "lock.fetched"), join(place.directory, name), { recursive: true });
    const digest = await digestOfBase(join(place.directory, name));
    const blob = join(place.directory, name, "blobs/sha256", hexOf(digest ?? "sha256:"));
    const tar = await promisify(zstdDecompress)(await readFile(blob));
    const [genuine, forged] = ["Debian GNU/Linux", "Nobody's/Linux 1"];
    expect(tar.includes(genuine)).toBe(true);
    tar.write(forged, tar.indexOf(genuine));
    await writeFile(blob, await promisify(zstdCompress)(tar));
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
    const tree = await writeTree(place.directory, { name: "mine" });
    const other = await writeTree(place.directory, { name: "other" });
    const locked = await place.run(["lock", tree, "-o", "mine.json"]);

    const right = await place.run(["build", "--locked", "mine.json", tree, "--offline"]);
    const wrong = await place.run(["build", "--locked", "mine.json", other, "--offline"]);
    const none = await place.run(["build", "--locked", "mine.json", "--offline"]);

    expect([locked.exitCode, right.exitCode]).toEqual([0, 0]);
    expect(refusalOf(wrong)).toEqual(refused({ exitCode: 2, says: /the lock is of mine 1\.0/, hint: /\S/ }));
    expect(refusalOf(none)).toEqual(refused({ exitCode: 2, says: /\S/, hint: /Name the tree/ }));
  });

  test("of another base are refused", async () => {
    const base = digestOf("another");
    const file = await alteredLock((copy) => ({ ...copy, lock: { ...copy.lock, base } }));

    const ended = await place.run(["build", "--locked", file, "--offline"]);

    const says = new RegExp(`base ${base} \\(bookworm amd64\\) is not in this engine`);
    expect(refusalOf(ended)).toEqual(refused({ exitCode: 4, says, hint: /\S/ }));
  });

  test("with another checksum than any file has are refused", async () => {
    const file = await alteredLock((copy) => withPackage(copy, { sha256: digestOf("other bytes") }));

    const offline = await place.run(["build", "--locked", file, "--offline"]);
    const online = await place.run(["build", "--locked", file]);

    expect(refusalOf(offline)).toEqual(
      refused({
        exitCode: 4,
        says: /is not here with the checksum that the lock has/,
        hint: /Run `debkiln fetch`/,
      }),
    );
    expect(refusalOf(online)).toEqual(refused({ exitCode: 5, says: /has the checksum/, hint: /\S/ }));
  });

  test("of a newer debkiln are refused", async () => {
    const file = await alteredLock((copy) => ({ ...copy, schemaVersion: 99 }));

    const ended = await place.run(["build", "--locked", file]);

    const says = /has version 99 of the form of locks/;
    expect(refusalOf(ended)).toEqual(refused({ exitCode: 2, says, hint: /\S/ }));
  });

  test("that name a package nobody has any more are refused", async () => {
    await using server = await serve((_, answer) => answer.writeHead(404).end());
    const gone = { sha256: digestOf("gone"), uri: `${server.url}/pool/gone_1.0_all.deb` };
    const file = await alteredLock((copy) => withPackage(copy, gone));

    const ended = await place.run(["fetch", file, "--mirror", server.url]);

    const says = new RegExp(`${gone.uri} is no longer there`);
    expect(refusalOf(ended)).toEqual(refused({ exitCode: 4, says, hint: /\S/ }));
    expect(await readdir(place.directory)).not.toContain(file.replace(".json", ".fetched"));
  });

  test("do not build with bytes that were altered after they were fetched", async () => {
    const [deb] = lock.lock.packages.filter(({ name }) => name === "debhelper");
    const packages = await spoiledFetch(deb?.sha256);
    const base = await spoiledFetch(await digestOfBase(join(kiln.directory, "lock.fetched")));

    await forgetImages(lock);
    const forged = await cutOff(place, "build", "--locked", await forgedFetch(), "--offline", "-o", "no");
    const withoutBase = await cutOff(place, "build", "--locked", base, "--offline", "-o", "no");
    const withoutPackage = await cutOff(place, "build", "--locked", packages, "--offline", "-o", "no");

    for (const each of [forged, withoutBase])
      expect(refusalOf(each)).toEqual(
        refused({
          exitCode: 5,
          says: /^The base image \S+ has other bytes than its name says/,
          hint: /fetch the lock again/,
        }),
      );
    expect(refusalOf(withoutPackage)).toEqual(
      refused({ exitCode: 5, says: /debhelper_\S+ has the checksum/, hint: /\S/ }),
    );
  });
});

/** What asks an archive for anything in a container or is there for it, by the last words of tasks' paths. */
const asking = /^(bootstrap|gpgv|resolve|take-base|update|uscan)$/;

async function readLock({ directory }: Kiln | Place, name = "lock.json"): Promise<LockFile> {
  return parseLockFile(await readFile(join(directory, name), "utf8"), name);
}

/** Runs the command in a network of its own without any way out, and with an empty cache. */
function cutOff(place: Place, ...words: readonly string[]): Promise<Run> {
  // An ordinary user may have a network only in a user namespace (unshare(1)).
  const user = process.getuid?.() === 0 ? [] : ["--map-current-user"];
  const cache = { DEBKILN_CACHE_DIR: join(place.directory, "cold") };
  return place.run(words, cache, ["unshare", ...user, "--net"]);
}

/** Takes the images of a lock away, so that they have to come from what was fetched; others may still use the base. */
async function forgetImages({ lock }: LockFile): Promise<void> {
  await using engine = await connect(mainEngine);
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
