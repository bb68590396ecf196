import { describe, expect, test } from "vitest";
import { judgeBlhc } from "../../../../src/build/check/blhc.ts";
import { judgeDebdiff } from "../../../../src/build/check/debdiff.ts";
import { needsOf } from "../../../../src/build/check/packages.ts";
import { judgePiuparts, judgeUpgrade, trialsOf } from "../../../../src/build/check/piuparts.ts";
import { parseBinaryControl } from "../../../../src/debian/binary-package.ts";
import { subjectOf } from "./subject.ts";

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

describe("piuparts", () => {
  const own =
    "debkiln: left /var/lib/dpkg/status-old\ndebkiln: changed /etc/passwd\ndebkiln: left /var/log/dpkg.log\n";

  test("passes when only dpkg's own files and accounts differ", () => {
    expect(judgePiuparts({ exitCode: 0, output: own })).toMatchObject({ status: "pass" });
  });

  test("fails for what stays, is gone or has changed", () => {
    const output = `${own}debkiln: left /var/lib/sl/a\ndebkiln: gone /etc/b\ndebkiln: changed /etc/c#content\ndebkiln: left /d\n`;

    expect(judgePiuparts({ exitCode: 0, output })).toEqual({
      status: "fail",
      summary:
        "after purging /var/lib/sl/a is still there, /etc/b is gone, /etc/c#content has changed and 1 more",
    });
  });

  test.each([
    [10, "fail", "installing failed"],
    [11, "fail", "removing failed"],
    [13, "fail", "purging failed"],
    [137, "error", "the trial itself failed with exit code 137"],
  ] as const)("tells by exit code %i which step failed", (exitCode, status, summary) => {
    expect(judgeUpgrade({ exitCode, output: "" })).toEqual({ status, summary });
    expect(judgePiuparts({ exitCode, output: "" })).toEqual({ status, summary });
  });

  test("tries packages that refuse one another alone, and each over the archive's version", () => {
    const trials = trialsOf([built("aa", "Conflicts: bb"), built("bb", "Depends: cc")]);

    expect(trials.map(({ title, environment }) => [title, environment.request?.depends])).toEqual([
      ["install and purge of aa", ""],
      ["upgrade of aa", "aa"],
      ["install and purge of bb", "cc"],
      ["upgrade of bb", "cc, bb"],
    ]);
    expect(trials.every(({ user }) => user === "root")).toBe(true);
  });
});

test("what packages need leaves out what they are and provide", () => {
  const a = built("aa", "Depends: bb (= 1.0), vv, libc6 (>= 2.34), xx | yy").control;
  const b = built("bb", "Provides: vv (= 1)\nPre-Depends: libc6 (>= 2.34), aa").control;

  expect(needsOf([a, b])).toBe("libc6 (>= 2.34), xx | yy");
});

function built(name: string, field: string) {
  const text = `Package: ${name}\nVersion: 1.0\nArchitecture: amd64\nMaintainer: A <a@mirror.example>\n${field}\nDescription: ${name}\n`;
  const [artifact] = subjectOf([`${name}_1.0_amd64.deb`]).artifacts;
  if (artifact === undefined) throw new Error("there is one");
  return { artifact, control: parseBinaryControl(text, name) };
}
