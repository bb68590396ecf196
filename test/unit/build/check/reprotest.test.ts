import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import type { Subject } from "../../../../src/build/check/check.ts";
import { judgeSecondBuild, secondBuild } from "../../../../src/build/check/reprotest.ts";
import { subjectOf } from "./subject.ts";
import { emptyLock as lock } from "../../environment/empty-lock.ts";

const hex = "a".repeat(64);
const other = "b".repeat(64);
const expected = [
  { name: "sl_1.0_amd64.deb", hex },
  { name: "sl-doc_1.0_all.deb", hex },
];

describe("the second build", () => {
  test.each([
    [
      "the same bytes",
      0,
      `debkiln: ${hex}  sl_1.0_amd64.deb\ndebkiln: ${hex}  sl-doc_1.0_all.deb\n`,
      "pass",
      "the same bytes again, of 2 packages",
    ],
    [
      "other bytes",
      0,
      `debkiln: ${other}  sl_1.0_amd64.deb\ndebkiln: ${hex}  sl-doc_1.0_all.deb\n`,
      "fail",
      "1 of 2 packages came out otherwise: sl_1.0_amd64.deb",
    ],
    [
      "a package less",
      0,
      `debkiln: ${hex}  sl_1.0_amd64.deb\n`,
      "fail",
      "1 of 2 packages came out otherwise: sl-doc_1.0_all.deb",
    ],
    ["no packages", 21, "", "fail", "the second build failed"],
    ["no space", 22, "", "error", "the second build has filled its disk"],
    ["a container that failed", 20, "", "error", "the trial itself failed with exit code 20"],
  ] as const)("with %s", (_, exitCode, output, status, summary) => {
    expect(judgeSecondBuild({ exitCode, output }, expected)).toEqual({ status, summary });
  });

  test("is in the same environment, with other variables, and of binaries only", () => {
    const locked = { lock, basePackages: [] };
    const subject: Subject = {
      ...subjectOf(["sl_1.0_amd64.deb", "sl_1.0.dsc"]),
      locked,
      build: {
        dependencies: { depends: "hello", conflicts: "bye" },
        buildType: "full",
        environment: { LC_ALL: "C.UTF-8", DEB_BUILD_OPTIONS: "nocheck parallel=4", PATH: "/bin" },
      },
    };

    const [trial] = secondBuild(subject, same) ?? [];

    expect(trial?.environment).toMatchObject({ request: { depends: "hello", conflicts: "bye" }, locked });
    expect(trial?.content).toHaveLength(1);
    const [other] = secondBuild(subject, { clock, memoryBytes: 4096 }) ?? [];
    expect(other?.content).toHaveLength(2);
    expect(other?.environment.tmpfs).toEqual({ path: "/build/second", sizeBytes: 4096 });
    expect(trial?.argv).toEqual(
      expect.arrayContaining(["binary", "LC_ALL=C", "TZ=VAR-14", "DEB_BUILD_OPTIONS=nocheck parallel=1"]),
    );
    expect(trial?.next?.({ status: "pass", summary: "" }, take)).toBeNull();
    expect(trial?.next?.({ status: "fail", summary: "" }, take)).toMatchObject({
      environment: { tool: "diffoscope" },
    });
  });

  test("is not of what gave no packages", () => {
    expect(secondBuild(subjectOf(["sl_1.0.dsc"]), same)).toBeNull();
  });
});

const same = { clock: null, memoryBytes: null };
const clock = { name: "second-clock", sizeBytes: 0, content: () => Readable.from([]) };

const take = (path: string) => () => Promise.reject(new Error(`${path} is not read here`));
