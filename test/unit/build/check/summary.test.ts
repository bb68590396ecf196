import { describe, expect, test } from "vitest";
import {
  type CheckOutcome,
  type CheckStatus,
  verdictOf,
  worst,
} from "../../../../src/build/check/outcome.ts";
import { endingWords, summaryFields, unmetFailure } from "../../../../src/build/check/summary.ts";

const outcome = (status: CheckStatus, required = false): CheckOutcome => ({
  name: "lintian",
  status,
  summary: "its words",
  required,
  seconds: 1,
  log: null,
  exitCode: null,
  parts: [],
});

test("the worst of several verdicts counts, and none is there of none", () => {
  const verdicts = (["warn", "pass", "timeout", "error"] as const).map((status) => ({
    status,
    summary: status,
  }));

  expect(worst(verdicts).status).toBe("timeout");
  expect(worst([...verdicts, { status: "fail", summary: "" }]).status).toBe("fail");
  expect(worst([]).status).toBe("none");
  expect(worst([{ status: "none", summary: "its words" }]).summary).toBe("its words");
});

const part = (name: string, status: CheckStatus) => ({ name, status, summary: `${name} said so` });

test("a check with one part is what that is, and with several names those that did not pass", () => {
  expect(verdictOf([part("a", "warn")])).toEqual({ status: "warn", summary: "a said so" });
  expect(verdictOf([{ name: "a", status: "pass", summary: "" }])).toEqual({ status: "pass", summary: "a" });
  expect(verdictOf([{ name: "a", status: "pass", summary: "" }, part("b", "pass")])).toEqual({
    status: "pass",
    summary: "a; b: b said so",
  });
  expect(verdictOf([part("a", "pass"), part("b", "info")])).toEqual({
    status: "info",
    summary: "a: a said so; b: b said so",
  });
  expect(verdictOf([part("a", "pass"), part("b", "fail")])).toEqual({
    status: "fail",
    summary: "b: b said so",
  });
  expect(verdictOf([part("a", "error"), part("b", "fail"), part("c", "pass")])).toEqual({
    status: "fail",
    summary: "2 of 3 did not pass: a, b",
  });
});

describe("the log's words", () => {
  test("are sbuild's for a run that was successful", () => {
    expect(endingWords("lintian", { status: "warn", summary: "2 warnings" })).toBe(
      "\nI: Lintian run was successful.\n",
    );
  });

  test("are sbuild's for one that failed, with the reason", () => {
    expect(endingWords("lintian", { status: "fail", summary: "1 error" })).toBe(
      "\nE: Lintian run failed (1 error)\n",
    );
  });

  test("name each check in the Summary, in sbuild's words", () => {
    expect(summaryFields([outcome("pass")])).toEqual([["Lintian", "pass"]]);
    expect(summaryFields([outcome("timeout")])).toEqual([["Lintian", "fail"]]);
    expect(summaryFields([outcome("error")])).toEqual([["Lintian", "error"]]);
  });
});

describe("what is required", () => {
  test.each(["pass", "info", "warn", "none"] as const)("is met by %s", (status) => {
    expect(unmetFailure([outcome(status, true)], "/out")).toBeNull();
  });

  test.each([
    ["build-depends", "warn", "check-failed"],
    ["build-depends", "info", undefined],
    ["blhc", "warn", "check-failed"],
    ["autopkgtest", "warn", undefined],
  ] as const)("of %s, when it ends with %s, comes to %s", (name, status, code) => {
    expect(unmetFailure([{ ...outcome(status, true), name }], "/out")?.code).toBe(code);
  });

  test("is the package's fault when it fails or hangs", () => {
    for (const status of ["fail", "timeout"] as const)
      expect(unmetFailure([outcome(status, true)], "/out")).toMatchObject({
        fault: "package",
        code: "check-failed",
        hint: expect.stringContaining("kept in /out"),
      });
  });

  test("is not the package's fault when it could not be done", () => {
    expect(unmetFailure([outcome("error", true)], "/out")).toMatchObject({
      fault: "infrastructure",
      code: "check-not-done",
    });
  });

  test("is only what is required", () => {
    expect(unmetFailure([outcome("fail")], "/out")).toBeNull();
  });
});
