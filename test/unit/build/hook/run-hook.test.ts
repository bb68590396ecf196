import { expect, test } from "vitest";
import { hookFailure } from "../../../../src/build/hook/run-hook.ts";
import { hook as usual } from "../hook-fixture.ts";

const hook = { ...usual, timeoutMs: 90_000 };
const well = { exitCode: 0, killedBy: null, isLate: false };

test("a hook that went well is no failure", () => {
  expect(hookFailure(hook, well)).toBeNull();
});

test.each([
  [{ ...well, exitCode: 3 }, "hook-failed", "The hook mine at setup ended with exit code 3"],
  [{ ...well, exitCode: 128, killedBy: "SIGSEGV" }, "hook-failed", "The hook mine at setup ended by SIGSEGV"],
  [
    { ...well, exitCode: 137, isLate: true },
    "hook-timeout",
    "The hook mine at setup took longer than 1 min 30 s",
  ],
])("one that ended as %j fails with %s", (end, code, message) => {
  expect(hookFailure(hook, end)).toMatchObject({ fault: "infrastructure", code, message });
});
