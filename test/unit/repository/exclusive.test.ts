import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setImmediate } from "node:timers/promises";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { exclusively } from "../../../src/repository/exclusive.ts";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "debkiln-exclusive-"));
});

afterEach(() => rm(directory, { recursive: true }));

const { signal } = new AbortController();

describe("work that is done by one at a time", () => {
  test("never overlaps, and all of it is done", async () => {
    let inside = 0;
    let most = 0;
    let waited = 0;
    const work = async () => {
      inside += 1;
      most = Math.max(most, inside);
      await setImmediate();
      inside -= 1;
    };
    const turn = { signal, waiting: () => void (waited += 1) };

    await Promise.all(Array.from({ length: 12 }, () => exclusively(directory, "change", turn, work)));

    expect({ most, inside }).toEqual({ most: 1, inside: 0 });
    expect(waited).toBeGreaterThan(0);
  });

  test("is not held up by work of another name, nor by what failed", async () => {
    await exclusively(directory, "chain", { signal }, async () => {
      const failing = exclusively(directory, "change", { signal }, () => Promise.reject(new Error("no")));
      await expect(failing).rejects.toThrow("no");
      await exclusively(directory, "change", { signal }, () => Promise.resolve());
    });
  });

  test("goes on when a process that did it was killed", async () => {
    const module = fileURLToPath(new URL("../../../src/repository/exclusive.ts", import.meta.url));
    const program = `import { exclusively } from ${JSON.stringify(module)};
      const { signal } = new AbortController();
      await exclusively(${JSON.stringify(directory)}, "change", { signal }, () => {
        console.log("inside");
        return new Promise((resolve) => setTimeout(resolve, 60_000));
      });`;
    const child = execa(process.execPath, ["--input-type=module", "-e", program], { reject: false });
    await new Promise((resolve) => void child.stdout.once("data", resolve));
    const turn = exclusively(directory, "change", { signal, waiting: () => child.kill("SIGKILL") }, () =>
      Promise.resolve("done"),
    );

    expect(await turn).toBe("done");
  });

  test("is not begun any more when it is called off", async () => {
    const stop = new AbortController();
    let isDone = false;
    await exclusively(directory, "change", { signal }, async () => {
      const second = exclusively(
        directory,
        "change",
        { signal: stop.signal, waiting: () => stop.abort() },
        async () => {
          isDone = true;
        },
      );
      await expect(second).rejects.toMatchObject({ code: "interrupted" });
    });

    expect(isDone).toBe(false);
  });
});
