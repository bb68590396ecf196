import { expect, test } from "vitest";
import { judgeBlhc } from "../../../../src/build/check/blhc.ts";

test.each([
  [0, "", "pass", "no hardening flag is missing"],
  [1, "No compiler commands!\n", "none", "the build called no compiler"],
  [4, "", "warn", "the build does not show its compiler commands"],
  [8, "106:CPPFLAGS missing (-D_FORTIFY_SOURCE=2): gcc -g\n", "fail", "hardening flags are missing"],
  [
    12,
    "1:CFLAGS missing (-O): gcc\n2:LDFLAGS missing (-z): gcc\n",
    "fail",
    "hardening flags are missing in 2 places",
  ],
  [32, "", "fail", "cmake overrides the hardening flags"],
  [2, "", "error", "blhc itself failed with exit code 2"],
  [127, "", "error", "blhc itself failed with exit code 127"],
] as const)("blhc's exit code %i", (exitCode, output, status, summary) => {
  expect(judgeBlhc({ exitCode, output })).toEqual({ status, summary });
});
