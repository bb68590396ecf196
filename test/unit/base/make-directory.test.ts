import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeDirectory } from "../../../src/base/make-directory.ts";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "debkiln-mkdir-"));
});

afterEach(() => rm(directory, { recursive: true }));

test("many makers of the same directories at once all find them made", async () => {
  const paths = Array.from({ length: 40 }, (_, n) => join(directory, "a", "b", `${n % 4}`, `c${n}`));

  await Promise.all(paths.map(makeDirectory));

  const made = await Promise.all(paths.map(async (path) => (await stat(path)).isDirectory()));
  expect(made).toEqual(paths.map(() => true));
});

test("a place where nothing can be made raises the system's own error, and soon", async () => {
  await expect(makeDirectory("/proc/debkiln/x")).rejects.toMatchObject({ code: "ENOENT" });
});
