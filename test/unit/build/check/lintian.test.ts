import { describe, expect, test } from "vitest";
import { judgeLintian, lintianTrial } from "../../../../src/build/check/lintian.ts";
import { subjectOf } from "./subject.ts";

describe("lintian's end", () => {
  test.each([
    ["no tags", 0, "", "pass", "no tags"],
    ["remarks", 0, "I: sl: spelling-error\n", "info", "1 remark"],
    ["warnings", 0, "W: sl: a\nW: sl: b\nI: sl: c\n", "warn", "2 warnings, 1 remark"],
    ["errors", 2, "E: sl: a\nW: sl: b\n", "fail", "1 error, 1 warning"],
    ["overridden tags", 0, "O: sl: a\nN: 1 hint overridden\n", "pass", "no tags"],
    ["a fault of its own", 1, "E: sl: a\n", "error", "lintian itself failed with exit code 1"],
    ["no such command", 127, "sh: lintian: not found\n", "error", "lintian itself failed with exit code 127"],
  ] as const)("with %s", (_, exitCode, output, status, summary) => {
    expect(judgeLintian({ exitCode, output })).toEqual({ status, summary });
  });

  test("does not count tags in the middle of a line", () => {
    expect(judgeLintian({ exitCode: 0, output: "N: see W: and E: here\n" }).status).toBe("pass");
  });
});

describe("lintian's trial", () => {
  test("looks at the .changes as a user without rights, and at the source when that was built", () => {
    const trial = lintianTrial(subjectOf(["sl_1.0_amd64.changes", "sl_1.0_amd64.deb", "sl_1.0.dsc"]), ["-I"]);

    expect(trial.argv).toEqual(["lintian", "-I", "/build/check/sl_1.0_amd64.changes"]);
    expect(trial.user).toBe("builder");
  });

  test("looks at the .dsc too when only binaries were built of it", () => {
    const trial = lintianTrial(subjectOf(["sl_1.0_amd64.changes", "sl_1.0_amd64.deb"], "sl_1.0.dsc"), []);

    expect(trial.argv.slice(1)).toEqual(["/build/check/sl_1.0_amd64.changes", "/build/check/sl_1.0.dsc"]);
    expect(trial.content).toHaveLength(2);
  });
});
