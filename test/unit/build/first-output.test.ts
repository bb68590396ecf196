import { PassThrough, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { tellingFirst } from "../../../src/build/first-output.ts";

describe("tellingFirst", () => {
  test("tells once, at the first bytes, and hands all on without ending what it hands them to", async () => {
    const to = new PassThrough();
    let told = 0;
    const through = tellingFirst(to, () => (told += 1));

    expect(told).toBe(0);
    through.write("a");
    through.write("b");
    await new Promise<void>((resolve) => through.end(resolve));
    expect(to.writableEnded).toBe(false);
    to.end();

    expect(await text(to)).toBe("ab");
    expect(told).toBe(1);
  });

  test("waits while the other stream is full", async () => {
    const to = new PassThrough({ highWaterMark: 1 });
    const through = tellingFirst(to, () => undefined);
    let isWritten = false;
    through.write("abc", () => (isWritten = true));
    await new Promise((resolve) => setImmediate(resolve));
    const before = isWritten;

    to.resume();
    await new Promise<void>((resolve) => through.end(resolve));

    expect([before, isWritten]).toEqual([false, true]);
  });

  test("fails when the other stream does", async () => {
    const to = new Writable({ write: (_, __, done) => done(new Error("full")) });
    const through = tellingFirst(to, () => undefined);
    const failed = new Promise((resolve) => through.once("error", resolve));

    through.write("a");

    expect(await failed).toMatchObject({ message: "full" });
  });

  test("fails when the other stream failed before", async () => {
    const to = new Writable({ write: (_, __, done) => done(new Error("full")) });
    const first = new Promise((resolve) => to.once("error", resolve));
    to.write("a");
    await first;
    const through = tellingFirst(to, () => undefined);
    const failed = new Promise((resolve) => through.once("error", resolve));

    through.write("b");

    expect(await failed).toMatchObject({ message: "full" });
  });
});
