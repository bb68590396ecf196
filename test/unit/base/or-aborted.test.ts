import { expect, test } from "vitest";
import { interrupted } from "../../../src/base/failure.ts";
import { orAborted } from "../../../src/base/or-aborted.ts";

test("work gives its result or its failure as long as nobody stops it", async () => {
  const { signal } = new AbortController();
  const late: string[] = [];

  expect(await orAborted(Promise.resolve("done"), signal, (each) => late.push(each))).toBe("done");
  await expect(orAborted(Promise.reject(new Error("broken")), signal, () => {})).rejects.toThrow("broken");
  expect(late).toEqual([]);
});

test.each(["before", "meanwhile"])(
  "a signal given %s ends the wait, and what comes late is handed over",
  async (when) => {
    const stop = new AbortController();
    const work = Promise.withResolvers<string>();
    const late = Promise.withResolvers<string>();
    if (when === "before") stop.abort(interrupted("Ctrl-C"));

    const waiting = orAborted(work.promise, stop.signal, late.resolve);
    if (when === "meanwhile") stop.abort(interrupted("Ctrl-C"));

    await expect(waiting).rejects.toMatchObject({ fault: "interrupted" });
    work.resolve("too late");
    expect(await late.promise).toBe("too late");
  },
);

test("work that fails after the signal is heard of by nobody", async () => {
  const stop = new AbortController();
  const work = Promise.withResolvers<string>();

  const waiting = orAborted(work.promise, stop.signal, () => {});
  stop.abort(interrupted("Ctrl-C"));

  await expect(waiting).rejects.toMatchObject({ fault: "interrupted" });
  work.reject(new Error("broken"));
  await expect(work.promise).rejects.toThrow("broken");
});
