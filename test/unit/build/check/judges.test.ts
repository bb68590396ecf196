import { describe, expect, test } from "vitest";
import { judgeBlhc } from "../../../../src/build/check/blhc.ts";
import { judgeDebdiff } from "../../../../src/build/check/debdiff.ts";
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

  test("tries packages that refuse one another apart, each over the archive's version", () => {
    const trials = trialsOf([built("aa", "Conflicts: bb"), built("bb", "Depends: cc")]);

    expect(trials.map(({ title, environment }) => [title, environment.request?.depends])).toEqual([
      ["install and purge of aa", ""],
      ["upgrade of aa", "aa"],
      ["install and purge of bb", "cc"],
      ["upgrade of bb", "cc, bb"],
    ]);
    expect(trials.every(({ user }) => user === "root")).toBe(true);
  });

  test("gives each group the files of the siblings that it needs, and asks the archive for no other version", () => {
    const trials = trialsOf([
      built("aa", "Depends: common (= 1.0), libc6\nConflicts: bb"),
      built("bb", "Depends: common (= 1.0)"),
      built("common", "Breaks: aa (<< 1.0)"),
    ]);

    expect(trials.map(({ argv, environment }) => [argv.slice(4), environment.request?.depends])).toEqual([
      [["aa_1.0_amd64.deb", "common_1.0_amd64.deb"], "libc6"],
      [["aa_1.0_amd64.deb", "common_1.0_amd64.deb"], "libc6, aa, common"],
      [["bb_1.0_amd64.deb", "common_1.0_amd64.deb"], ""],
      [["bb_1.0_amd64.deb", "common_1.0_amd64.deb"], "bb, common"],
    ]);
  });
});

function built(name: string, field: string) {
  const text = `Package: ${name}\nVersion: 1.0\nArchitecture: amd64\nMaintainer: A <a@mirror.example>\n${field}\nDescription: ${name}\n`;
  const [artifact] = subjectOf([`${name}_1.0_amd64.deb`]).artifacts;
  if (artifact === undefined) throw new Error("there is one");
  return { artifact, control: parseBinaryControl(text, name) };
}
