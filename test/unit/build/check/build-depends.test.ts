import { describe, expect, test } from "vitest";
import { judgeTrace, tracedBuild } from "../../../../src/build/check/build-depends.ts";
import { requestOf } from "../../../../src/build/check/prepare.ts";
import { subjectOf } from "./subject.ts";

const installed = [
  "build-essential\t\t\tgcc",
  "gcc\t\t\tlibc6-dev",
  "libc6-dev\t\tlibc-dev (= 1)\tlinux-libc-dev",
  "linux-libc-dev\t\t\t",
  "dpkg\tyes\t\ttar (>= 1.28)",
  "tar\tyes\t\t",
  "debhelper\t\tdebhelper-compat (= 13)\tfile, perl:any | perl-base",
  "file\t\t\t",
  "libfoo-dev\t\t\tlibfoo1 (= 1), libbar-dev",
  "libfoo1\t\t\t",
  "libbar-dev\t\t\t",
  "hello\t\t\tlibc6-dev",
]
  .map((line) => `debkiln: package ${line}\n`)
  .join("");
const always = "debkiln: used gcc\ndebkiln: used libc6-dev\ndebkiln: header libc6-dev\n";

function judged(depends: string, used: string) {
  return judgeTrace({ exitCode: 0, output: `${always}${used}${installed}` }, depends);
}

describe("a trace", () => {
  test("finds nothing where each dependency is used", () => {
    const used = "debkiln: used debhelper\ndebkiln: used libfoo-dev\ndebkiln: header libfoo-dev\n";

    expect(judged("debhelper-compat (= 13), libfoo-dev", used)).toEqual({
      status: "pass",
      summary: "each is used, and none is missing",
    });
  });

  test("takes a dependency for used when only what it brings is", () => {
    expect(judged("libfoo-dev", "debkiln: used libbar-dev\n").status).toBe("pass");
  });

  test("names those of which nothing was opened", () => {
    expect(judged("debhelper-compat (= 13), hello | file", "debkiln: used debhelper\n")).toEqual({
      status: "warn",
      summary: "unused: hello | file",
    });
  });

  test("does not blame what each build has for being asked for", () => {
    expect(judged("libc6-dev (>= 2.38), dpkg (>= 1.20)", "").status).toBe("pass");
  });

  test("names packages whose headers nobody asked for", () => {
    const used = "debkiln: used libbar-dev\ndebkiln: header libbar-dev\n";

    expect(judged("libfoo-dev", used)).toEqual({
      status: "info",
      summary: "headers that come only through others: libbar-dev",
    });
  });

  test.each([
    [21, "the build fails when it is traced"],
    [137, "the trial itself failed with exit code 137"],
  ])("that ends with %i says nothing of the package", (exitCode, summary) => {
    expect(judgeTrace({ exitCode, output: "" }, "hello")).toEqual({ status: "error", summary });
  });
});

test("strace comes beside the build's own dependencies", async () => {
  const subject = subjectOf([]);
  const build = { ...subject.build, dependencies: { depends: "hello", conflicts: "bye" } };

  const { environment } = tracedBuild({ ...subject, build });

  expect(await requestOf(environment)).toEqual({ depends: "hello, strace", conflicts: "bye" });
});
