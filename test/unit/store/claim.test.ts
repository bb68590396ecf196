import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { keyOf } from "../../../src/base/digest.ts";
import { thisProcess } from "../../../src/base/process-identity.ts";
import { takeClaim } from "../../../src/store/claim.ts";
import { claimUnlessFound } from "../../../src/store/once.ts";
import { Store } from "../../../src/store/store.ts";

let directory = "";
let path = "";

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "debkiln-claim-"));
  path = join(directory, "claims/base-1");
  mkdirSync(join(directory, "claims"));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
  vi.useRealTimers();
});

const stranger = `elsewhere/${thisProcess()}`;

function writeClaim(owner: string, ageMs: number): void {
  writeFileSync(path, owner);
  const time = new Date(Date.now() - ageMs);
  utimesSync(path, time, time);
}

test("one that stands is not taken, and leaves nothing beside it", async () => {
  await using held = await takeClaim(path);

  expect(held).not.toBeNull();
  expect(await takeClaim(path)).toBeNull();
  expect(readdirSync(join(directory, "claims"))).toEqual(["base-1"]);
});

test("a dead process's is taken, however young", async () => {
  writeClaim(`${thisProcess()}1`, 0);

  await using claim = await takeClaim(path);

  expect(claim).not.toBeNull();
});

test.each([
  ["stands while its owner gives signs of life", 30_000, false],
  ["is void when it gives none for long", 120_000, true],
])("a claim of another host or pid namespace %s", async (_, age, isTaken) => {
  writeClaim(stranger, age);

  await using claim = await takeClaim(path);

  expect(claim !== null).toBe(isTaken);
});

test("disposal removes its own file, and not one that has become another's", async () => {
  const first = await takeClaim(path);
  writeClaim(stranger, 0);

  await first?.[Symbol.asyncDispose]();

  expect(readFileSync(path, "utf8")).toBe(stranger);
});

test("waiting for another process is told once", async () => {
  const held = await takeClaim(join(directory, "claims", `thing-${keyOf("x").slice("sha256:".length)}`));
  const waiting = vi.fn<() => void>();
  let searches = 0;
  const find = async () => (++searches > 3 ? "found" : null);

  const { signal } = new AbortController();
  const found = await claimUnlessFound(new Store(directory), "thing", keyOf("x"), signal, { find, waiting });
  await held?.[Symbol.asyncDispose]();

  expect(found).toMatchObject({ found: "found" });
  expect(waiting).toHaveBeenCalledTimes(1);
});

test("a held claim is renewed every few seconds", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "Date"] });
  await using claim = await takeClaim(path);
  const old = new Date(0);
  utimesSync(path, old, old);

  vi.advanceTimersByTime(6000);

  expect(claim).not.toBeNull();
  await vi.waitFor(() => expect(statSync(path).mtimeMs).toBeGreaterThan(0));
});
