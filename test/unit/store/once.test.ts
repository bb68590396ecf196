import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { afterEach, beforeEach, expect, test } from "vitest";
import { keyOf } from "../../../src/base/digest.ts";
import { once } from "../../../src/store/once.ts";
import { Store } from "../../../src/store/store.ts";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "debkiln-once-"));
});

afterEach(() => rm(directory, { recursive: true }));

const key = keyOf("thing");

function find(): Promise<null> {
  return Promise.resolve(null);
}

function taker(role: "make" | "hold") {
  const program = fileURLToPath(new URL("taker.ts", import.meta.url));
  return execa(process.execPath, ["--disable-warning=ExperimentalWarning", program, directory, role]);
}

async function claims(): Promise<string[]> {
  return readdir(join(directory, "claims"));
}

test("of several processes that want the same thing, one makes it and all get it", async () => {
  const ended = await Promise.all(Array.from({ length: 5 }, () => taker("make")));

  expect(ended.map(({ stdout }) => stdout)).toEqual(Array.from({ length: 5 }, () => "the thing, 1"));
  expect(await claims()).toEqual([]);
});

test("the claim of a process that was killed holds nobody up", async () => {
  const holder = taker("hold");
  await new Promise((resolve) => holder.stdout.once("data", resolve));
  holder.kill("SIGKILL");
  await holder.catch(() => null);
  const left = await claims();

  const { stdout } = await taker("make");

  expect(left).toHaveLength(1);
  expect(stdout).toBe("the thing, 1");
});

test("who waits for another's claim stops at the signal, and leaves the claim alone", async () => {
  const holder = taker("hold");
  await new Promise((resolve) => holder.stdout.once("data", resolve));
  const stop = new AbortController();
  const waiting = once(new Store(directory), "thing", key, stop.signal, {
    find,
    make: () => Promise.resolve("mine"),
  });

  stop.abort();

  await expect(waiting).rejects.toMatchObject({ fault: "interrupted" });
  expect(await claims()).toHaveLength(1);
  holder.stdin.end();
  await holder;
});

test("a failure to make it frees the claim for the next", async () => {
  const store = new Store(directory);
  const { signal } = new AbortController();

  const failed = once(store, "thing", key, signal, {
    find,
    make: () => Promise.reject(new Error("no luck")),
  });

  await expect(failed).rejects.toThrow("no luck");
  expect(await once(store, "thing", key, signal, { find, make: () => Promise.resolve("luck") })).toBe("luck");
});
