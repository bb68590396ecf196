import { mkdtemp, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { digestOf, keyOf } from "../../../src/base/digest.ts";
import { Store } from "../../../src/store/store.ts";

let directory: string;
let store: Store;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "debkiln-store-"));
  store = new Store(directory);
});

afterEach(() => rm(directory, { recursive: true }));

function leftBehind(): Promise<string[]> {
  return readdir(join(directory, "tmp"));
}

describe("a blob", () => {
  test("that was cut short counts as missing where its size is known, and is written again", async () => {
    const digest = await store.putBytes("whole");
    await writeFile(store.blobPath(digest), "who");

    expect(await store.hasBlob(digest, 5)).toBe(false);

    await store.putBytes("whole");
    expect(await store.hasBlob(digest, 5)).toBe(true);
  });

  test("that is damaged is not found, and is gone", async () => {
    const digest = await store.putBytes("whole");
    await writeFile(store.blobPath(digest), "whale");

    expect(await store.findBytes(digest)).toBeNull();
    expect(await store.hasBlob(digest)).toBe(false);
  });

  test("that is found is marked as used", async () => {
    const digest = await store.putBytes("whole");
    await utimes(store.blobPath(digest), 0, 0);

    expect((await store.findBytes(digest))?.toString()).toBe("whole");
    expect((await stat(store.blobPath(digest))).mtimeMs).toBeGreaterThan(0);
  });

  test.each(["/proc/nope", "/dev/null/cache"])("cannot be put under %s, which is said", async (place) => {
    const failure = {
      fault: "infrastructure",
      code: "not-writable",
      message: expect.stringContaining(place),
    };

    await expect(new Store(place).putBytes("text")).rejects.toMatchObject(failure);
  });

  test("comes in however it is cut, and out as it was", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }), async (chunks) => {
        const bytes = Buffer.concat(chunks);
        const expected = { digest: digestOf(bytes), sizeBytes: bytes.length };

        await store.putBlob(Readable.from(chunks.map((chunk) => Buffer.from(chunk))), expected, "here");

        expect((await store.readBytes(expected.digest)).equals(bytes)).toBe(true);
      }),
      { numRuns: 30 },
    );
    expect(await leftBehind()).toEqual([]);
  });

  test.each([
    ["is cut short", "hel", /is cut short: 3 of 5 bytes/],
    ["goes on too long", "hello, and more", /longer than the 5 bytes/],
    ["has other bytes", "jello", /has the checksum/],
  ])("that %s is refused and leaves nothing", async (_, text, message) => {
    const expected = { digest: digestOf("hello"), sizeBytes: 5 };

    const put = store.putBlob(Readable.from([Buffer.from(text)]), expected, "http://mirror.example/x");

    await expect(put).rejects.toMatchObject({
      code: "checksum-mismatch",
      message: expect.stringMatching(message),
    });
    expect(await store.hasBlob(expected.digest)).toBe(false);
    expect(await leftBehind()).toEqual([]);
  });

  test("whose stream breaks leaves nothing, and the failure is the stream's", async () => {
    const broken = new Readable({
      read() {
        this.push("he");
        this.destroy(new Error("line down"));
      },
    });

    const put = store.putBlob(broken, { digest: digestOf("hello"), sizeBytes: 5 }, "here");

    await expect(put).rejects.toThrow("line down");
    expect(await leftBehind()).toEqual([]);
  });

  test("that many write at once is whole", async () => {
    const bytes = Buffer.alloc(300_000, "abc");
    const expected = { digest: digestOf(bytes), sizeBytes: bytes.length };

    await Promise.all(
      Array.from({ length: 8 }, () => store.putBlob(Readable.from([bytes]), expected, "here")),
    );

    expect(digestOf(await store.readBytes(expected.digest))).toBe(expected.digest);
    expect(await leftBehind()).toEqual([]);
  });
});

describe("a memo", () => {
  const schema = z.strictObject({ value: z.number() });

  test("is recalled as it was remembered last, under its own kind and key only", async () => {
    await store.remember("kind", keyOf(1), { value: 1 });
    await store.remember("kind", keyOf(1), { value: 2 });

    expect(await store.recall("kind", keyOf(1), schema)).toEqual({ value: 2 });
    expect(await store.recall("kind", keyOf(2), schema)).toBe(null);
    expect(await store.recall("other", keyOf(1), schema)).toBe(null);
  });

  test.each(["", "{", '{"value":"text"}', '{"value":1,"more":2}'])(
    "with %j in its file counts as absent",
    async (text) => {
      await store.remember("kind", keyOf(1), { value: 1 });
      await writeFile(store.memoPath("kind", keyOf(1)), text);

      expect(await store.recall("kind", keyOf(1), schema)).toBe(null);
    },
  );

  test("is marked as used when it is recalled, and not when it is only looked at", async () => {
    await store.remember("kind", keyOf(1), "value");
    const path = store.memoPath("kind", keyOf(1));
    await utimes(path, 0, 0);

    await store.peek("kind", keyOf(1), z.string());
    expect((await stat(path)).mtimeMs).toBe(0);
    await store.recall("kind", keyOf(1), z.string());
    expect((await stat(path)).mtimeMs).toBeGreaterThan(0);
  });

  test("that is forgotten is gone, and forgetting twice is no fault", async () => {
    await store.remember("kind", keyOf(1), { value: 1 });

    await store.forget("kind", keyOf(1));
    await store.forget("kind", keyOf(1));

    expect(await store.recall("kind", keyOf(1), schema)).toBe(null);
  });
});
