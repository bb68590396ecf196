import { cp, mkdtemp, readFile, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { digestOf } from "../../../../src/base/digest.ts";
import { readBinaries } from "../../../../src/build/chain/read-binaries.ts";
import { type NodeRecord, NodeRecords } from "../../../../src/build/chain/records.ts";
import { sourceDigest } from "../../../../src/build/chain/source-digest.ts";
import { jobsOf, usualClaim, widthOf } from "../../../../src/build/chain/width.ts";
import { openDsc } from "../../../../src/build/source/dsc.ts";
import { openTree } from "../../../../src/build/source/tree.ts";
import { helloFiles, writeDsc, writeTree } from "../source-fixture.ts";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "debkiln-chain-"));
});

afterEach(() => rm(directory, { recursive: true }));

describe("the records of a chain", () => {
  const record: NodeRecord = {
    schema: 1,
    key: digestOf("key"),
    source: { name: "hello", version: "1.0" },
    packages: [digestOf("deb")],
    directory: "/results",
  };

  test("are found again for their target only, and replaced whole", async () => {
    const records = new NodeRecords({ directory }, "debian-trixie-amd64");
    await records.write(record);
    await records.write({ ...record, key: digestOf("other") });

    expect(await records.find("hello")).toMatchObject({ key: digestOf("other") });
    expect(await new NodeRecords({ directory }, "debian-sid-amd64").find("hello")).toBeNull();
    expect(await readdir(join(directory, ".debkiln/chain/debian-trixie-amd64"))).toEqual(["hello.json"]);
  });

  test.each(["{", "{}", '{"schema":2}'])("that cannot be read are none (%s)", async (text) => {
    const records = new NodeRecords({ directory }, "t");
    await records.write(record);
    await writeFile(join(directory, ".debkiln/chain/t/hello.json"), text);

    expect(await records.find("hello")).toBeNull();
  });
});

describe("what a source is", () => {
  const control = `${helloFiles["debian/control"].trimEnd()}\nProvides: greeter\nDepends: world\n`;

  test("is read from its tree and from its .dsc alike", async () => {
    await writeTree(join(directory, "hello-1.0"), { ...helloFiles, "debian/control": control });
    const dsc = await writeDsc(directory);

    const ofTree = await readBinaries(await openTree(join(directory, "hello-1.0")));
    const ofDsc = await readBinaries(await openDsc(dsc));

    expect(ofDsc).toMatchObject({ isWhole: true, binaries: [{ name: "hello", architectures: ["all"] }] });
    expect((await readFile(dsc, "utf8")).includes("1.0-1")).toBe(true);
    expect(ofTree.binaries.map(({ name }) => name)).toEqual(ofDsc.binaries.map(({ name }) => name));
  });

  test("does not change with the times of its files, but with all else", async () => {
    const one = await writeTree(join(directory, "a", "hello-1.0"));
    await cp(one, join(directory, "b", "hello-1.0"), { recursive: true });
    await utimes(join(directory, "b", "hello-1.0", "hello.txt"), 1, 1);
    const digest = await sourceDigest(await openTree(one));

    expect(await sourceDigest(await openTree(join(directory, "b", "hello-1.0")))).toBe(digest);
    await writeFile(join(one, "hello.txt"), "ho\n");
    expect(await sourceDigest(await openTree(one))).not.toBe(digest);
  });
});

describe("how many builds run at once", () => {
  const gigabyte = 1024 ** 3;

  test.each([
    [{ builds: null, cpus: null, memoryBytes: 64 * gigabyte }, 4],
    [{ builds: 8, cpus: null, memoryBytes: 64 * gigabyte }, 8],
    [{ builds: 8, cpus: 3, memoryBytes: 64 * gigabyte }, 3],
    [{ builds: 8, cpus: null, memoryBytes: 2 * gigabyte }, 2],
    [{ builds: null, cpus: null, memoryBytes: gigabyte / 2 }, 1],
  ])("with %j on four processors", (budget, width) => {
    expect(widthOf(budget, usualClaim, 4)).toBe(width);
  });

  test("goes by what one takes", () => {
    const budget = { builds: null, cpus: 4, memoryBytes: 16 * gigabyte };

    expect(widthOf(budget, { cpus: 2, memoryBytes: gigabyte }, 8)).toBe(2);
    expect(widthOf(budget, { cpus: 8, memoryBytes: gigabyte }, 8)).toBe(1);
    expect(widthOf({ ...budget, cpus: null }, { cpus: 0.5, memoryBytes: 8 * gigabyte }, 8)).toBe(2);
  });

  test("leaves each so many jobs that processors are used twice over at most", () => {
    expect([1, 2, 4, 8, 32].map((width) => jobsOf(width, 8))).toEqual([8, 8, 4, 2, 1]);
  });
});
