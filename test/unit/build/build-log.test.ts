import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import * as fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { BuildLog } from "../../../src/build/build-log.ts";

let directory: string;
let path: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "debkiln-log-"));
  path = join(directory, "sl.build");
});

afterEach(() => rm(directory, { recursive: true }));

test("every byte comes into the file as it was, however it was cut", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 20 }), async (chunks) => {
      const log = await BuildLog.create(path);

      for (const chunk of chunks) log.write(chunk);
      await log.close();

      expect((await readFile(path)).equals(Buffer.concat(chunks))).toBe(true);
      await rm(path);
    }),
    { numRuns: 30 },
  );
});

test("the last lines, the unfinished one included, are kept", async () => {
  const log = await BuildLog.create(path, { tailLines: 3 });

  for (const part of ["one\ntwo\nth", "ree\nfour\nfi", "ve\nsix"]) await log.append(part);

  expect(log.tail).toEqual(["three", "four", "five", "six"]);
  await log.close();
});

test("a line that never ends does not grow in memory", async () => {
  const log = await BuildLog.create(path);

  for (let i = 0; i < 20; i++) await log.append("x".repeat(100_000));

  expect(log.tail.join("").length).toBeLessThan(10_000);
  expect(log.bytes).toBe(2_000_000);
  await log.close();
});

test("a full disk shows in the last lines only", async () => {
  const log = await BuildLog.create(path, { tailLines: 2 });

  await log.append("cc1: fatal error: /build/x.o: No space left on device\n");
  const then = log.diskFull;
  await log.append("a\nb\nc\n");

  expect([then, log.diskFull]).toEqual([true, false]);
  await log.close();
});

test("whoever follows gets whole characters", async () => {
  const parts: string[] = [];
  const log = await BuildLog.create(path, { tee: (text) => parts.push(text) });
  const bytes = Buffer.from("größer");

  for (const byte of bytes) log.write(Uint8Array.of(byte));
  await log.close();

  expect(parts.join("")).toBe("größer");
});

test("what nobody reads holds the log, and what writes to it, and counts as no silence", async () => {
  const read = Promise.withResolvers<void>();
  let waits: Promise<void> | null = read.promise;
  const log = await BuildLog.create(path, { backlog: () => waits });
  const isHeld = () => !log.write(Buffer.alloc(65_536));

  log.write("first\n");
  const held = isHeld();
  const silence = performance.now() - log.lastOutput;
  waits = null;
  read.resolve();
  await log.append("last\n");

  expect(held).toBe(true);
  expect(silence).toBeLessThan(1);
  expect(await readFile(path, "utf8")).toMatch(/^first\n\0+last\n$/);
  await log.close();
});

const neverRead = () => new Promise<void>(() => undefined);

test.each(["closing", "a signal"])("%s ends the wait for a reader that does not read", async (way) => {
  const stop = new AbortController();
  const log = await BuildLog.create(path, { backlog: neverRead, signal: stop.signal });

  const written = log.append("first\n");
  if (way === "a signal") {
    stop.abort();
    await written;
  }
  log.write("last\n");
  await log.close();

  expect(await readFile(path, "utf8")).toBe("first\nlast\n");
});

async function* endless(): AsyncGenerator<Uint8Array> {
  for (;;) yield Buffer.alloc(65_536, "spam\n");
}

test("a log that grows beyond its limit is the package's failure", async () => {
  const log = await BuildLog.create(path, { limitBytes: 1_000_000 });

  await expect(pipeline(Readable.from(endless()), log)).rejects.toMatchObject({
    fault: "package",
    code: "log-too-large",
  });

  expect((await readFile(path)).length).toBeLessThanOrEqual(1_000_000);
});

test("a file that is there already is not written over", async () => {
  await writeFile(path, "kept");

  await expect(BuildLog.create(path)).rejects.toMatchObject({ code: "log-unwritable" });

  expect(await readFile(path, "utf8")).toBe("kept");
});

test("a disk that is full under the log is the infrastructure's failure", async () => {
  const log = await BuildLog.open("/dev/full");

  await expect(log.append("x")).rejects.toMatchObject({ fault: "infrastructure", code: "log-unwritable" });
  await expect(log.close()).rejects.toMatchObject({ code: "log-unwritable" });
});
