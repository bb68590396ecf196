import { PassThrough, Writable } from "node:stream";
import { expect, test } from "vitest";
import { backlogOf } from "../../../src/cli/render/backlog.ts";

test("a stream that takes all has no backlog", () => {
  const stream = new PassThrough();
  const backlog = backlogOf(stream);

  stream.write("little");

  expect(backlog()).toBeNull();
});

test("the backlog of a full stream ends when its reader has taken it, and then it may have another", async () => {
  const stream = new PassThrough({ highWaterMark: 10 });
  const backlog = backlogOf(stream);
  const fill = () => stream.write("x".repeat(100));

  fill();
  const first = backlog();
  stream.read();
  await first;
  const between = backlog();
  fill();

  expect(first).not.toBeNull();
  expect(between).toBeNull();
  expect(backlog()).not.toBeNull();
});

test("many may wait for a stream at once", async () => {
  const stream = new PassThrough({ highWaterMark: 10 });
  const backlog = backlogOf(stream);

  stream.write("x".repeat(100));
  const waiting = Array.from({ length: 50 }, () => backlog());

  expect(stream.listenerCount("drain")).toBeLessThan(3);
  stream.read();
  for (const each of waiting) await each;
});

test("a reader that has gone is not waited for", async () => {
  const stream = new Writable({ highWaterMark: 10, write: (_, __, done) => done(new Error("EPIPE")) });
  stream.on("error", () => undefined);
  const backlog = backlogOf(stream);

  stream.write("x".repeat(100));

  await backlog();

  expect(stream.listenerCount("drain")).toBe(0);
});
