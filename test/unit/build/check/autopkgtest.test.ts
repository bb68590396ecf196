import { describe, expect, test } from "vitest";
import { judgeTest, testTrials } from "../../../../src/build/check/autopkgtest.ts";
import { type TestPlan, planTest } from "../../../../src/build/check/autopkgtest-plan.ts";
import { testExitCode, testSummary } from "../../../../src/build/check/autopkgtest-summary.ts";
import type { CheckStatus } from "../../../../src/build/check/outcome.ts";
import { parseBinaryControl } from "../../../../src/debian/binary-package.ts";
import { parseTestControl } from "../../../../src/debian/test-control.ts";
import { subjectOf } from "./subject.ts";

const control = (name: string, fields: string) =>
  parseBinaryControl(`Package: ${name}\nVersion: 1.0\nArchitecture: amd64\n${fields}Description: d\n`, name);

const packages = {
  built: [
    control("tool", "Depends: libtool1 (= 1.0), libc6\nRecommends: man-db\n"),
    control("libtool1", "Depends: libc6\n"),
    control("tool-doc", ""),
  ],
  buildDependencies: "debhelper-compat (= 13)",
  architecture: "amd64",
};

function planned(text: string) {
  const [first] = parseTestControl(`Tests: a\n${text}`, "control");
  if (first === undefined) throw new Error("there is one");
  return planTest(first, packages);
}

describe("a test's plan", () => {
  test("has all built packages and what they need for @", () => {
    expect(planned("")).toMatchObject({
      user: "user",
      install: ["tool", "libtool1", "tool-doc"],
      depends: "libc6",
    });
  });

  test("has of the built packages only those that it names, and what these need", () => {
    expect(planned("Depends: tool, hello [amd64], bye [s390x]\n")).toMatchObject({
      install: ["tool", "libtool1"],
      depends: "hello, libc6",
    });
  });

  test("has build dependencies and recommendations when they are asked for", () => {
    expect(planned("Depends: @builddeps@\n")).toMatchObject({
      install: [],
      depends: "debhelper-compat (= 13)",
    });
    expect(planned("Depends: tool\nRestrictions: build-needed, needs-recommends\n")).toMatchObject({
      needsBuild: true,
      depends: "debhelper-compat (= 13), libc6, man-db",
    });
  });

  test("honours restrictions", () => {
    const words = "needs-root allow-stderr skippable flaky superficial isolation-container breaks-testbed";

    expect(planned(`Restrictions: ${words}\n`)).toMatchObject({
      user: "root",
      allowsStderr: true,
      isSkippable: true,
      isFlaky: true,
      isSuperficial: true,
    });
  });

  test.each([
    ["Restrictions: isolation-machine\n", "needs a machine of its own, and this is a container"],
    ["Restrictions: needs-internet\n", "needs the internet, which tests do not have"],
    ["Restrictions: needs-a-dragon\n", "unknown restriction needs-a-dragon"],
    ["Architecture: arm64 s390x\n", "not for amd64"],
    ["Architecture: !any-amd64\n", "not for amd64"],
  ])("with %j is to skip it", (text, skip) => {
    expect(planned(text)).toEqual({ skip });
  });
});

describe("a test's end", () => {
  const plan: TestPlan = {
    user: "user",
    isSkippable: false,
    isFlaky: false,
    isSuperficial: false,
    allowsStderr: false,
    needsBuild: false,
    install: [],
    depends: "",
  };

  test.each([
    ["success", {}, 0, ended(0), "pass", ""],
    ["a superficial success", { isSuperficial: true }, 0, "", "pass", "(superficial)"],
    ["a failure", {}, 101, ended(3), "fail", "non-zero exit status 3"],
    ["a flaky failure", { isFlaky: true }, 101, ended(3), "warn", "non-zero exit status 3"],
    ["77 unasked", {}, 101, ended(77), "fail", "non-zero exit status 77"],
    ["77", { isSkippable: true }, 101, ended(77), "none", "exit status 77 and marked as skippable"],
    ["errors said", {}, 102, ended(0, "oh \u001b[31mno\t"), "fail", "stderr: oh no"],
    ["flaky errors said", { isFlaky: true }, 102, ended(0, "oh"), "warn", "stderr: oh"],
    ["errors allowed", { allowsStderr: true }, 102, "", "pass", ""],
    ["packages that do not install", {}, 112, "", "fail", "badpkg: the packages do not install"],
    ["a test bed that fails", {}, 120, "", "error", "the test bed failed with exit code 120"],
    ["a test bed that was killed", {}, 137, "", "error", "the test bed failed with exit code 137"],
  ] as const)("with %s", (_, differences, exitCode, output, status, summary) => {
    expect(judgeTest({ exitCode, output }, { ...plan, ...differences })).toEqual({ status, summary });
  });

  test("is told by the last lines only, which a test cannot write", () => {
    const output = `${ended(77, "mine")}the test's own\n${ended(1)}`;

    expect(judgeTest({ exitCode: 101, output }, { ...plan, isSkippable: true }).summary).toBe(
      "non-zero exit status 1",
    );
    expect(judgeTest({ exitCode: 102, output: ended(0, "its") + ended(0, "ours") }, plan).summary).toBe(
      "stderr: ours",
    );
  });
});

/** What the script prints at the end. */
function ended(code: number, said = "") {
  return `\ndebkiln: stderr ${said}\ndebkiln: exit status ${code}\n`;
}

const part = (status: CheckStatus, summary = "") => ({ name: status, status, summary });

describe("autopkgtest's summary", () => {
  test("has a line for each test", () => {
    const parts = [
      part("pass"),
      part("pass", "(superficial)"),
      part("none", "not for amd64"),
      part("warn", "timed out"),
      part("fail", "stderr: oh"),
      part("timeout", "it did not end within 10s"),
      part("fail", "badpkg: its dependencies cannot be installed"),
      part("error", "its container\nis gone"),
    ];

    expect(testSummary(parts, "sl")).toBe(`pass                 PASS
pass                 PASS (superficial)
none                 SKIP not for amd64
warn                 FLAKY timed out
fail                 FAIL stderr: oh
timeout              FAIL timed out
fail                 FAIL badpkg
blame: dsc:sl
badpkg: its dependencies cannot be installed
testbed failure: error: its container is gone
`);
  });

  test("says that there are no tests", () => {
    expect(testSummary([], "sl")).toBe("*                    SKIP no tests in this package\n");
  });

  test.each([
    [0, [part("pass")]],
    [2, [part("pass"), part("none", "x")]],
    [2, [part("pass"), part("warn", "timed out")]],
    [8, [part("warn", "x")]],
    [8, []],
    [6, [part("warn", "x"), part("fail", "stderr: x")]],
    [4, [part("pass"), part("fail", "stderr")]],
    [4, [part("timeout", "x")]],
    [6, [part("none", "x"), part("fail", "stderr")]],
    [8, [part("none", "x")]],
    [8, [part("pass", "(superficial)")]],
    [12, [part("fail", "badpkg: x")]],
    [14, [part("fail", "badpkg: x"), part("none", "x")]],
    [16, [part("error", "x"), part("fail", "x")]],
  ] as const)("comes with exit code %i", (code, parts) => {
    expect(testExitCode(parts)).toBe(code);
  });
});

test("a flaky test that hangs is as one that fails", () => {
  const tests = parseTestControl("Tests: a\nRestrictions: flaky\n\nTests: b\n", "control");

  const trials = testTrials(tests, subjectOf([]), []);

  expect(trials.map((trial) => "hung" in trial && trial.hung)).toEqual([
    { status: "warn", summary: "timed out" },
    false,
  ]);
});

test("tests that are skipped need no container", () => {
  const tests = parseTestControl("Tests: a\nRestrictions: needs-reboot\n\nTests: b\n", "control");

  const trials = testTrials(tests, subjectOf([]), []);

  expect(trials.map((trial) => "verdict" in trial)).toEqual([true, false]);
});
