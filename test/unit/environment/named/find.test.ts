import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { canonicalJson, digestOf, keyOf } from "../../../../src/base/digest.ts";
import type { Image } from "../../../../src/engine/engine.ts";
import type { Lock } from "../../../../src/environment/lock.ts";
import { lockLabels } from "../../../../src/environment/named/carried-lock.ts";
import { lockOf, recallNamedLock } from "../../../../src/environment/named/find.ts";
import { imageChanges } from "../../../../src/environment/names.ts";
import { Store } from "../../../../src/store/store.ts";

let directory: string;
let store: Store;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "debkiln-find-"));
  store = new Store(directory);
});

afterEach(() => rm(directory, { recursive: true }));

describe("the lock of a named environment", () => {
  test.each([1, 1500])(
    "comes from its image when the cache was emptied, and is in it again (%i packages)",
    async (count) => {
      const lock = lockOfPackages(count);
      const digest = await store.putBytes(canonicalJson(lock));
      await store.removeBlob(digest);

      expect(await lockOf({ store }, named(lock, lockLabels(lock)))).toEqual(lock);
      expect(await store.hasBlob(digest)).toBe(true);
      expect(await lockOf({ store }, named(lock, {}))).toEqual(lock);
    },
  );

  test("is found among what is left of a longer one, which the image was made from", async () => {
    const lock = lockOfPackages(2);
    const labels = { ...lockLabels(lockOfPackages(1500)), ...lockLabels(lock) };

    expect(Object.keys(labels).length).toBeGreaterThan(Object.keys(lockLabels(lock)).length);
    expect(await lockOf({ store }, named(lock, labels))).toEqual(lock);
  });

  test.each<[string, Record<string, string>]>([
    ["none", {}],
    ["another", lockLabels(lockOfPackages(2))],
    ["one of which a piece is missing", { ...lockLabels(lockOfPackages(1)), "debkiln.lock-pieces": "2" }],
    ["pieces beyond number", { ...lockLabels(lockOfPackages(1)), "debkiln.lock-pieces": "1000000000" }],
    ["one that is damaged", { ...lockLabels(lockOfPackages(1)), "debkiln.lock-piece.0": "AAAA" }],
  ])("is lost when neither the cache has it nor the image, which carries %s", async (_, labels) => {
    await expect(lockOf({ store }, named(lockOfPackages(1), labels))).rejects.toMatchObject({
      code: "lock-lost",
    });
    expect(await recallNamedLock({ store }, named(lockOfPackages(1), labels))).toBe(null);
    expect(await store.hasBlob(digestOf(canonicalJson(lockOfPackages(1))))).toBe(false);
  });

  test("is carried in lines that docker reads, and in a request that it takes", () => {
    const changes = imageChanges("named", lockLabels(lockOfPackages(4000)));

    expect(Math.max(...changes.map((line) => line.length))).toBeLessThan(64 * 1024 - 1);
    expect(encodeURIComponent(changes.join("\n")).length).toBeLessThan(1_000_000);
    expect(changes.length).toBeGreaterThan(5);
  });

  test("is not carried when it is too long for a request, nor is what is left of another", async () => {
    const lock = lockOfPackages(12_000);
    const labels = { ...lockLabels(lockOfPackages(1)), ...lockLabels(lock) };

    expect(encodeURIComponent(canonicalJson(labels)).length).toBeLessThan(1_000_000);
    await expect(lockOf({ store }, named(lock, labels))).rejects.toMatchObject({ code: "lock-lost" });
  });
});

function named(lock: Lock, labels: Image["labels"]) {
  const image: Image = {
    id: keyOf("image"),
    references: [],
    architecture: "amd64",
    labels,
    created: new Date(0),
    sizeBytes: 0,
    layers: 1,
  };
  return { at: { name: "dev", snapshot: null }, image, lock: digestOf(canonicalJson(lock)) };
}

function lockOfPackages(count: number): Lock {
  return {
    schemaVersion: 1,
    suite: "trixie",
    architecture: "amd64",
    base: keyOf("base"),
    packages: Array.from({ length: count }, (_, at) => ({
      name: `lib${at}`,
      version: `1.${at}-1`,
      architecture: "amd64",
      sha256: keyOf(`lib${at}`),
      sizeBytes: at,
      uri: `http://mirror.example/debian/pool/main/l/lib${at}/lib${at}_1.${at}-1_amd64.deb`,
    })),
    releases: [],
  };
}
