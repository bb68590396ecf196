import { access, readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { engines } from "../../engine/engines.ts";
import { readRecords, removal } from "../kiln.ts";
import { writeTree } from "../package.ts";
import { openPlace, refusalOf, refused } from "./place.ts";
import { placeFor } from "../opened.ts";

const place = placeFor("all tests");

test.each([
  [
    "unix:///nonexistent/engine.sock",
    /at unix:\/\/\/nonexistent\/engine\.sock: no such socket$/,
    /debkiln doctor/,
  ],
  [
    "tcp://127.0.0.1:1",
    /at tcp:\/\/127\.0\.0\.1:1: nothing listens there$/,
    /curl http:\/\/127\.0\.0\.1:1\/_ping/,
  ],
  [
    `unix://${import.meta.filename}`,
    /engine\.test\.ts: not a socket$|engine\.test\.ts: nothing listens there$/,
    /debkiln doctor/,
  ],
])("an engine at %s is told of, with why it does not answer", async (engine, says, hint) => {
  const tree = await writeTree(place.directory, { name: "bad-engine" });

  const ended = await place.run(["build", "--engine", engine, tree]);

  expect(refusalOf(ended)).toEqual(refused({ exitCode: 5, says, hint }));
});

test("an engine's address that is none is refused", async () => {
  const tree = await writeTree(place.directory, { name: "bad-engine" });

  const ended = await place.run(["build", "--engine", "nonsense", tree]);

  expect(refusalOf(ended)).toEqual(
    refused({ exitCode: 2, says: /^"nonsense" is not an engine's address$/, hint: /unix:\/\/\/path/ }),
  );
});

const rootful = engines.find(({ name }) => /^podman.rootful$/.test(name));

test.skipIf(rootful === undefined || process.getuid?.() !== 0)(
  "an engine that dies during a build is told of, and the log is kept (needs root, for a podman service of its own)",
  async () => {
    await using own = await openPlace(rootful);
    const socket = join(own.directory, "engine.sock");
    const service = execa("podman", ["system", "service", "--time=0", `unix://${socket}`], { reject: false });
    await until(
      async () =>
        await access(socket).then(
          () => true,
          () => false,
        ),
    );
    const tree = await writeTree(own.directory, {
      name: "bad-end",
      build: ["echo the build has begun", "sleep 120"],
    });
    const building = own.run(["build", "--verbose", "--no-arch-all", "--engine", `unix://${socket}`, tree]);
    await Promise.race([
      until(async () => await has(own.directory, "the build has begun")),
      building.then(({ stderr }) => {
        throw new Error(`It ended before its time: ${stderr}`);
      }),
    ]);

    service.kill("SIGKILL");
    await service;
    const ended = await building;

    expect(refusalOf(ended)).toMatchObject({
      exitCode: 5,
      error: expect.stringMatching(/engine/) as unknown,
      hint: expect.stringMatching(/debkiln doctor/) as unknown,
      stack: false,
      unfinished: [],
    });
    const { log, result } = await readRecords(join(own.directory, "out/bad-end_1.0_amd64.failed"));
    expect(log).toContain("\nthe build has begun\n");
    expect(result.failure).toMatchObject({ fault: "infrastructure", code: "engine-lost", phase: "build" });
    // Only an engine can remove a container: the next command with one does.
    const other = await writeTree(own.directory, { name: "bad-end-next" });
    expect(await own.run(["build", "--no-arch-all", other])).toMatchObject({ exitCode: 0 });
    const left = async () => (await own.containers()).filter((name) => ended.containers.includes(name));
    await expect.poll(left, removal).toEqual([]);
  },
);

/** Whether a log under way in the output directory has these words. */
async function has(directory: string, words: string): Promise<boolean> {
  const files = await readdir(join(directory, "out"), { recursive: true }).catch(() => []);
  const log = files.find((name) => name.endsWith(".build"));
  return log !== undefined && (await readFile(join(directory, "out", log), "utf8")).includes(`\n${words}\n`);
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  await expect.poll(condition, { timeout: 120_000, interval: 100 }).toBe(true);
}
