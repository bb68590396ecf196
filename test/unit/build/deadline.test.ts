import { expect, test } from "vitest";
import { overdue, promptly } from "../../../src/build/deadline.ts";
import { interrupted } from "../../../src/base/failure.ts";

test.for([
  [1000, 0, null],
  [1001, 0, "timeout"],
  [500, 101, "silence-timeout"],
  [1001, 101, "timeout"],
] as const)("a build of %d ms that was silent for %d ms is %s", ([running, silent, code]) => {
  const failure = overdue({ totalMs: 1000, silenceMs: 100 }, { running, silent });

  expect(failure?.code ?? null).toBe(code);
  expect(failure?.fault ?? "package").toBe("package");
});

test("work that ends gives what it gave, and its own failure", async () => {
  const { signal } = new AbortController();

  expect(await promptly(Promise.resolve(7), signal)).toBe(7);
  await expect(promptly(Promise.reject(new Error("own")), signal)).rejects.toThrow("own");
});

test("work that goes on after the signal is left to itself, for the signal's reason", async () => {
  const never = Promise.withResolvers<never>();

  await expect(promptly(never.promise, AbortSignal.abort(interrupted("Ctrl-C")))).rejects.toMatchObject({
    fault: "interrupted",
  });
});
