import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { lints } from "../../../../src/image/lint/lints.ts";
import { countsOf, lintFailure, lintRoot } from "../../../../src/image/lint/run.ts";
import { tellFindings } from "../../../../src/image/lint/tell.ts";
import { type Event, Task } from "../../../../src/base/event.ts";
import { type Piece, passingRoot, subjectOf, without } from "./root.ts";

async function lint(pieces: Readonly<Record<string, Piece>>, options: Parameters<typeof lintRoot>[1] = {}) {
  return await lintRoot(subjectOf(pieces), { only: "bootc", ...options });
}

const badKargs = { "usr/lib/bootc/kargs.d/a.toml": "garbage" };

describe("a run of bootc's lints", () => {
  test("runs all of them in order of their names, those that look at each file last", async () => {
    const { results, aborted } = await lint(passingRoot);

    expect(aborted).toBeNull();
    expect(results.map(({ lint }) => lint.name)).toEqual([
      "api-base-directories",
      "baseimage-composefs",
      "baseimage-root",
      "bootc-kargs",
      "buildah-injected",
      "etc-usretc",
      "kernel",
      "nonempty-boot",
      "nonempty-run-tmp",
      "sysusers",
      "var-log",
      "var-run",
      "var-tmpfiles",
      "utf8",
    ]);
  });

  test("has bootc's types", async () => {
    const { results } = await lint(passingRoot);
    const fatal = results.filter(({ lint }) => lint.type === "fatal").map(({ lint }) => lint.name);

    expect(fatal.toSorted()).toEqual([
      "api-base-directories",
      "baseimage-root",
      "bootc-kargs",
      "etc-usretc",
      "kernel",
      "utf8",
      "var-run",
    ]);
  });

  test.each([
    ["Running", "buildah-injected"],
    ["Alternative", "var-tmpfiles"],
  ] as const)("skips for a root of type %s the lint %s", async (rootType, name) => {
    const report = await lint(passingRoot, { rootType });
    const skipped = report.results.filter(({ outcome }) => outcome === "skipped");

    expect(skipped.map(({ lint }) => lint.name)).toEqual([name]);
    expect(countsOf(report)).toEqual({ passed: 13, skipped: 1, warnings: 0, fatal: 0 });
  });

  test("counts what failed by its type", async () => {
    const report = await lint({ ...without(passingRoot, "ostree"), "var/log/x": "log", "boot/x": "" });

    expect(countsOf(report)).toEqual({ passed: 10, skipped: 0, warnings: 3, fatal: 1 });
    expect(lintFailure(report, "allow-warnings")?.message).toBe("Checks failed: 1");
    expect(lintFailure(report, "fatal-warnings")?.message).toBe("Checks failed: 4");
  });

  test("is no failure when there are warnings only, unless they are to be fatal", async () => {
    const report = await lint({ ...passingRoot, "boot/x": "" });

    expect(lintFailure(report, "allow-warnings")).toBeNull();
    expect(lintFailure(report, "fatal-warnings")).toMatchObject({ fault: "package", code: "lint-failed" });
  });

  test("passes over what is skipped by name", async () => {
    const report = await lint({ ...passingRoot, "boot/x": "" }, { skip: ["nonempty-boot"] });

    expect(countsOf(report)).toEqual({ passed: 13, skipped: 1, warnings: 0, fatal: 0 });
  });

  test("ends where a lint cannot tell, with what was found before", async () => {
    const report = await lint({ ...passingRoot, ...badKargs, dev: "a file", "var/log/x": "log" });

    expect(report.results.map(({ lint, outcome }) => `${lint.name} ${outcome}`)).toEqual([
      "api-base-directories failed",
      "baseimage-composefs passed",
      "baseimage-root passed",
    ]);
    expect(report.aborted).toMatchObject({
      code: "lint-aborted",
      message: "Unexpected runtime error running lint bootc-kargs: Parsing a.toml",
    });
    expect(lintFailure(report, "allow-warnings")).toBe(report.aborted);
  });

  test("goes on when that lint is skipped", async () => {
    const report = await lint({ ...passingRoot, ...badKargs }, { skip: ["bootc-kargs"] });

    expect(lintFailure(report, "allow-warnings")).toBeNull();
  });

  test("refuses names that no lint has", async () => {
    await expect(lint(passingRoot, { skip: ["var-lock"] })).rejects.toMatchObject({
      code: "unknown-lint",
      hint: "Did you mean var-log?",
    });
  });
});

test("what was found is told as warnings where linting is a part of other work", async () => {
  const report = await lint({ ...passingRoot, "boot/x": "", "run/a/b/c/d/e/f": "" });
  const warnings: string[] = [];
  const note = (event: Event) => {
    if (event.type === "warning") warnings.push(`${event.message} (${event.hint?.split(" ")[0]})`);
  };

  tellFindings(report, new Task(note, []));

  expect(warnings).toEqual([
    "nonempty-boot: Found non-empty /boot: x (Keep)",
    "nonempty-run-tmp: Found content in runtime-only directories (/run, /tmp): /run/a, /run/a/b, /run/a/b/c, " +
      "/run/a/b/c/d, /run/a/b/c/d/e, and 1 more (Remove)",
  ]);
});

test("the documentation has a section on each lint, and on no other", () => {
  const text = readFileSync(new URL("../../../../docs/image-lint.md", import.meta.url), "utf8");
  const sections = [...text.matchAll(/^### (.+)\n\n(Fatal|Warning)\b/gm)].map(
    ([, name, type]) => `${name} ${type}`,
  );

  expect(sections.toSorted()).toEqual(
    lints.map(({ name, type }) => `${name} ${type === "fatal" ? "Fatal" : "Warning"}`).toSorted(),
  );
});
