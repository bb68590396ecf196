import { once } from "node:events";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { piped } from "../../../src/base/piped.ts";
import { deliver } from "../../../src/engine/demultiplex.ts";

describe("piped", () => {
  test("gives what the reader makes of what is written", async () => {
    const made = await piped(async (output) => void output.write("abc"), text);

    expect(made).toBe("abc");
  });

  test("raises the writer's failure, which ends the reader", async () => {
    const work = piped(async (output) => {
      output.write("abc");
      throw new Error("the command failed");
    }, text);

    await expect(work).rejects.toThrow("the command failed");
  });

  test("raises the failure of a reader that never read, and ends a writer that waits for it", async () => {
    const written: string[] = [];
    const work = piped(
      async (output) => {
        await deliver(output, Buffer.from("piece"));
        written.push("all");
      },
      async () => {
        throw new Error("the disk is full");
      },
      { highWaterMark: 1 },
    );

    await expect(work).rejects.toThrow("the disk is full");
    expect(written).toEqual([]);
  });

  test("raises the failure of a reader that stopped halfway", async () => {
    const work = piped(
      async (output) => {
        for (;;) await deliver(output, Buffer.from("piece"));
      },
      async (input) => {
        await firstOf(input);
        throw new Error("that is no tar");
      },
      { highWaterMark: 1 },
    );

    await expect(work).rejects.toThrow("that is no tar");
  });

  test("lets the writer come to its end when the reader wants no more", async () => {
    const made = await piped(
      async (output) => {
        for (let left = 100; left > 0; left--) await deliver(output, Buffer.from("piece"));
      },
      async (input) => String((await once(input, "readable")).length),
      { highWaterMark: 1 },
    );

    expect(made).toBe("0");
  });
});

async function firstOf(input: Readable): Promise<unknown> {
  for await (const chunk of input) return chunk;
  return null;
}
