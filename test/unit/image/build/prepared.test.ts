import { expect, test } from "vitest";
import { Prepared } from "../../../../src/image/build/prepared.ts";

class Bench implements AsyncDisposable {
  readonly left: string[] = [];
  disposals = 0;

  async [Symbol.asyncDispose](): Promise<void> {
    this.disposals += 1;
    this.left.length = 0;
  }
}

test("what a failed preparation left goes when it is disposed of", async () => {
  const bench = new Bench();
  const prepared = new Prepared(
    () => Promise.resolve(bench),
    async ({ left }) => {
      left.push("an image");
      throw new Error("the second step failed");
    },
  );

  await expect(prepared.get()).rejects.toThrow("the second step failed");
  expect(bench.left).toEqual(["an image"]);
  await prepared[Symbol.asyncDispose]();

  expect(bench).toMatchObject({ left: [], disposals: 1 });
});

test("it is opened and prepared once, and disposed of when that is done", async () => {
  const done: string[] = [];
  const bench = new Bench();
  const open = async () => {
    done.push("open");
    return bench;
  };
  const prepared = new Prepared(open, async () => void done.push("prepare"));

  const [first, second] = [prepared.get(), prepared.get()];
  await prepared[Symbol.asyncDispose]();

  expect(done).toEqual(["open", "prepare"]);
  expect(await first).toBe(await second);
  expect(bench.disposals).toBe(1);
});

test("what was never asked for, or could not be opened, needs no end", async () => {
  const unasked = new Prepared<Bench>(
    () => Promise.reject(new Error("not to be opened")),
    () => Promise.resolve(),
  );
  await unasked[Symbol.asyncDispose]();
  await expect(unasked.get()).rejects.toThrow("not to be opened");

  await expect(unasked[Symbol.asyncDispose]()).resolves.toBeUndefined();
});
