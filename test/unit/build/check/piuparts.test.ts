import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { digestOf } from "../../../../src/base/digest.ts";
import { isUnknown } from "../../../../src/build/check/packages.ts";
import { freshTrial, groupsOf, upgradeTrial } from "../../../../src/build/check/piuparts.ts";
import { freshScript, functions, upgradeScript } from "../../../../src/build/check/piuparts-script.ts";
import { judgePiuparts, judgeUpgrade } from "../../../../src/build/check/piuparts-verdict.ts";
import { parseBinaryControl } from "../../../../src/debian/binary-package.ts";
import { subjectOf } from "./subject.ts";

const own =
  "debkiln: left /var/lib/dpkg/status-old\ndebkiln: changed /etc/passwd\ndebkiln: left /var/log/dpkg.log\n";

describe("packages that were installed and purged", () => {
  test("pass when only dpkg's own files and accounts differ", () => {
    expect(judgePiuparts({ exitCode: 0, output: own })).toMatchObject({ status: "pass" });
  });

  test("fail for what stays, is gone or has changed", () => {
    const output = `${own}debkiln: changed /etc/c\ndebkiln: gone /etc/b\ndebkiln: left /d\ndebkiln: left /var/lib/sl/a\n`;

    expect(judgePiuparts({ exitCode: 0, output })).toEqual({
      status: "fail",
      summary: "after purging /d is still there, /var/lib/sl/a is still there, /etc/b is gone and 1 more",
    });
  });
});

describe("packages that were installed over an earlier version", () => {
  test.each([
    ["nothing but dpkg's own files differs", own, "pass", "upgraded, removed and purged"],
    [
      "a conffile is obsolete",
      "debkiln: obsolete /etc/a.conf\ndebkiln: extra /etc/a.conf\n",
      "info",
      "after upgrading /etc/a.conf stays as an obsolete conffile",
    ],
    [
      "an upgraded system differs from a fresh one",
      "debkiln: extra /var/lib/a\ndebkiln: lacking /usr/b\ndebkiln: other /etc/c\ndebkiln: extra /etc/ld.so.cache\n",
      "info",
      "after upgrading /var/lib/a is there, but not in a fresh installation, /usr/b is missing that a fresh installation has, /etc/c is of another kind, mode or owner than in a fresh installation",
    ],
    [
      "something stays that the earlier version leaves too",
      "debkiln: old-left /var/lib/a\ndebkiln: left /var/lib/a\ndebkiln: left /var/lib/b\n",
      "fail",
      "after upgrading and purging /var/lib/a is still there (as with the earlier version alone), /var/lib/b is still there",
    ],
    [
      "there are faults and remarks",
      "debkiln: left /d\ndebkiln: obsolete /etc/a\n",
      "fail",
      "after upgrading and purging /d is still there; after upgrading /etc/a stays as an obsolete conffile",
    ],
    [
      "a directory stays with what is in it",
      "debkiln: left /var/lib/a\ndebkiln: left /var/lib/a/b/c\ndebkiln: left /var/lib/ab\ndebkiln: changed /var/lib/a/d\n",
      "fail",
      "after upgrading and purging /var/lib/a is still there, /var/lib/ab is still there, /var/lib/a/d has changed",
    ],
    [
      "only the earlier version leaves something",
      "debkiln: old-left /d\n",
      "pass",
      "upgraded, removed and purged",
    ],
  ] as const)("are told of when %s", (_, output, status, summary) => {
    expect(judgeUpgrade({ exitCode: 0, output })).toEqual({ status, summary });
  });

  test("are not blamed when that does not install", () => {
    expect(judgeUpgrade({ exitCode: 20, output: "" })).toMatchObject({ status: "none" });
  });
});

test.each([
  [10, "fail", "installing failed"],
  [11, "fail", "removing failed"],
  [13, "fail", "purging failed"],
  [14, "fail", "upgrading failed"],
  [137, "error", "the trial itself failed with exit code 137"],
] as const)("exit code %i tells which step failed", (exitCode, status, summary) => {
  expect(judgeUpgrade({ exitCode, output: "" })).toEqual({ status, summary });
  expect(judgePiuparts({ exitCode, output: "" })).toEqual({ status, summary });
});

describe("two snapshots of a file system", () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "debkiln-piuparts-"));
    await write("before", [
      "/etc/a\tf 0644 0:0 \t5",
      "/etc/a\tcontent\t11",
      "/etc/b\tf 0644 0:0 \t5",
      "/etc/b\tcontent\t22",
      "/gone\td 0755 0:0",
      "/same\tl 0777 0:0 here\t4",
      "/size\tf 0644 0:0 \t5",
    ]);
    await write("after", [
      "/etc/a\tf 0600 0:0 \t6",
      "/etc/a\tcontent\t99",
      "/etc/b\tf 0644 0:0 \t5",
      "/etc/b\tcontent\t33",
      "/etc/new\tf 0644 0:0 \t5",
      "/etc/new\tcontent\t44",
      "/same\tl 0777 0:0 here\t4",
      "/size\tf 0644 0:0 \t50",
    ]);
  });
  afterAll(() => rm(directory, { recursive: true }));

  test("tell each path that differs once", async () => {
    expect(await compared("left gone changed")).toEqual([
      "changed /etc/a",
      "changed /etc/b",
      "changed /size",
      "gone /gone",
      "left /etc/new",
    ]);
  });

  test("tell only what kinds of files there are where what they hold is not compared", async () => {
    expect(await compared("extra lacking other")).toEqual([
      "extra /etc/new",
      "lacking /gone",
      "other /etc/a",
    ]);
  });

  async function write(name: string, lines: readonly string[]): Promise<void> {
    await writeFile(join(directory, name), lines.map((line) => `${line}\n`).join(""));
  }

  async function compared(words: string): Promise<readonly string[]> {
    const here = functions.replaceAll('"/build/', `"${directory}/`);
    const { stdout } = await execa("sh", ["-c", `${here}\ncompare before after ${words}`]);
    return stdout.split("\n").map((line) => line.replace("debkiln: ", ""));
  }
});

test.each([freshScript, upgradeScript])("the script of a trial is one of sh", async (script) => {
  expect(await execa("sh", ["-n", "-c", script])).toMatchObject({ exitCode: 0, stderr: "" });
});

describe("the trials", () => {
  const store = { openChecked: () => Readable.from([]) };
  const trialsOf = (
    built: readonly ReturnType<typeof builtOf>[],
    archived: ReturnType<typeof archivedOf>[],
  ) =>
    groupsOf(built).flatMap((group) => [
      freshTrial(group, ""),
      upgradeTrial(
        group,
        archived.filter(({ control: { name } }) => group.some(({ control }) => control.name === name)),
        store,
        "",
      ),
    ]);

  test("are of packages that refuse one another apart, each over the archive's version", () => {
    const trials = trialsOf(
      [builtOf("aa", "Conflicts: bb"), builtOf("bb", "Depends: cc")],
      [archivedOf("aa", "0.9"), archivedOf("bb", "1.0", "Depends: dd, aa | cc")],
    );

    expect(trials.map(needs)).toEqual(["", "", "cc", "cc, aa | cc, dd"]);
  });

  test("give each group the files of the siblings that it needs, and ask the archive for no other version", () => {
    const trials = trialsOf(
      [
        builtOf("aa", "Depends: common (= 1.0), libc6\nConflicts: bb"),
        builtOf("bb", "Depends: common (= 1.0)"),
        builtOf("common", "Breaks: aa (<< 1.0)"),
      ],
      [archivedOf("aa", "0.9", "Depends: common (= 0.9)"), archivedOf("common", "0.9")],
    );

    expect(trials.map((each) => [needs(each), "argv" in each ? each.argv.slice(4) : each.verdict])).toEqual([
      ["libc6", ["aa_1.0_amd64.deb", "common_1.0_amd64.deb"]],
      ["libc6", ["aa_1.0_amd64.deb", "common_1.0_amd64.deb"]],
      ["", ["bb_1.0_amd64.deb", "common_1.0_amd64.deb"]],
      ["", ["bb_1.0_amd64.deb", "common_1.0_amd64.deb"]],
    ]);
  });

  test.each([
    ["nothing", [], "the archive has no earlier version"],
    ["a later version", [archivedOf("aa", "1.1")], "the archive has a later version, aa 1.1"],
  ] as const)("have no upgrade when the archive has %s", (_, archived, summary) => {
    expect(upgradeTrial([builtOf("aa", "Section: misc")], archived, store, "")).toEqual({
      title: "upgrade",
      verdict: { status: "none", summary },
    });
  });
});

test.each([
  ["bb", "Depends: bb but it is not installable", true],
  ["bb", "Depends: bbb but it is not installable", false],
  ["aa", "aa but it is not installable; Depends: bb", true],
  ["aa", "Conflicts: aa but 1.0 is to be installed\nbb but it is not installable", false],
])("whether %s is unknown by %j", (name, explanation, isSo) => {
  expect(isUnknown(name, explanation)).toBe(isSo);
});

function builtOf(name: string, field: string) {
  const [artifact] = subjectOf([`${name}_1.0_amd64.deb`]).artifacts;
  if (artifact === undefined) throw new Error("there is one");
  return { artifact, control: controlOf(name, "1.0", field) };
}

function archivedOf(name: string, version: string, field = "Section: misc") {
  const locked = { name, version, architecture: "amd64", sha256: digestOf(name), sizeBytes: 1, uri: "" };
  return { locked, control: controlOf(name, version, field) };
}

function controlOf(name: string, version: string, field: string) {
  return parseBinaryControl(
    `Package: ${name}\nVersion: ${version}\nArchitecture: amd64\nMaintainer: A <a@mirror.example>\n${field}\nDescription: ${name}\n`,
    name,
  );
}

function needs(trial: ReturnType<typeof upgradeTrial>): string | undefined {
  return "environment" in trial ? trial.environment.request?.depends : undefined;
}
