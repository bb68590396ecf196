import { cp, mkdtemp, readFile, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { digestOf } from "../../../../src/base/digest.ts";
import { readBinaries } from "../../../../src/build/chain/read-binaries.ts";
import { type NodeRecord, NodeRecords } from "../../../../src/build/chain/records.ts";
import { sourceDigest } from "../../../../src/build/chain/source-digest.ts";
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
