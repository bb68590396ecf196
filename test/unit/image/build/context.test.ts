import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { contextEntries } from "../../../../src/image/build/context.ts";

/** A context with a socket in it. */
async function contextWithSocket(ignored: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "debkiln-context-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  await writeFile(join(directory, "app.conf"), "one");
  await mkdir(join(directory, "run", "kept"), { recursive: true });
  await writeFile(join(directory, "run", "kept", "file"), "");
  const server = createServer().listen(join(directory, "run", "app.sock"));
  await once(server, "listening");
  onTestFinished(() => void server.close());
  await writeFile(join(directory, ".dockerignore"), ignored);
  return directory;
}

async function paths(directory: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { path } of contextEntries(directory)) found.push(path);
  return found.toSorted();
}

test.each([
  ["by its name", "**/*.sock\n", [".dockerignore", "app.conf", "run", "run/kept", "run/kept/file"]],
  ["with its directory", "run\n", [".dockerignore", "app.conf"]],
  [
    "but not all of its directory",
    "run/*\n!run/kept\n",
    [".dockerignore", "app.conf", "run", "run/kept", "run/kept/file"],
  ],
  ["as all but one file", "*\n!run/kept/file\n", ["run/kept/file"]],
])("a socket is no obstacle when it is left out %s", async (_, ignored, expected) => {
  expect(await paths(await contextWithSocket(ignored))).toEqual(expected);
});

test("a socket that is not left out is refused", async () => {
  await expect(paths(await contextWithSocket(""))).rejects.toMatchObject({ code: "context-unreadable" });
});
