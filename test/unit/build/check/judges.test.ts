import { expect, test } from "vitest";
import { judgeBlhc } from "../../../../src/build/check/blhc.ts";
import { judgeDebdiff } from "../../../../src/build/check/debdiff.ts";

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

test.each([
  [0, "", "pass", "no differences"],
  [1, "-rw-r--r--  root/root   /usr/share/doc/sl/README\n", "info", "1 file comes or goes"],
  [1, "Version: [-1-] {+2+}\n", "info", "the control files differ"],
  [255, "", "error", "debdiff itself failed with exit code 255"],
] as const)("debdiff's exit code %i with %j", (exitCode, output, status, summary) => {
  expect(judgeDebdiff({ exitCode, output })).toEqual({ status, summary });
});
