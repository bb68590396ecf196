import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { connect, describeEngines } from "../engine/engines.ts";
import { carryTool } from "./carry.ts";
import { mainEngine } from "./engine.ts";
import { readRecords, removal, says } from "./kiln.ts";
import { makeDeb } from "../unit/repository/packages.ts";
import { type TinyPackage, writeTree } from "./package.ts";
import { kilnFor } from "./opened.ts";

describe(`checks of a build's results on ${mainEngine.name}`, () => {
  const kiln = kilnFor("all tests", mainEngine, { checks: "default" });

  test("are lintian by default, of which the log, the records and the command tell", async () => {
    const tree = await writeTree(kiln.directory, { name: "checked" });

    const ended = await kiln.run("build", tree, "--require", "lintian");

    // A package without a copyright file: lintian finds errors in it.
    expect(ended).toMatchObject({ exitCode: 3 });
    expect(ended.stderr).toMatch(/what is required did not pass: lintian \(fail: \d+ errors?/);
    expect(ended.stdout).toMatch(/lintian: fail, \d+ error/);
    const { result, log, names } = await readRecords(join(kiln.directory, "checked_1.0_amd64"));
    expect(result.status).toBe("successful");
    expect(names).toContain("checked_1.0_amd64.deb");
    expect(names).toContain("checked_1.0_amd64.lintian.log");
    expect(result.checks).toMatchObject([{ name: "lintian", status: "fail", required: true }]);
    expect(log).toMatch(/\nlintian\n-------\n\n(E: .*\n)*E: checked: no-copyright-file\n/);
    expect(log).toMatch(/\nE: Lintian run failed \(/);
    expect(log).toMatch(/\nJob: .*\nLintian: fail\nMachine Architecture: /);
    await expect.poll(() => kiln.containers(), removal).toEqual([]);

    const words = ["--require", "lintian,reprotest", "--debbuildopt=-sa", "--debdiff"];
    const again = await kiln.run("build", tree, ...words);

    expect(again).toMatchObject({ exitCode: 3 });
    expect(again.stderr).toContain("reprotest is required, but says nothing of this build: the build had");
    expect(again.stdout).toMatch(/lintian: fail, \d+ errors?.* \(known from before\)/);
    const records = await readRecords(join(kiln.directory, "checked_1.0_amd64"));
    expect(records.log).toMatch(/\nE: checked: no-copyright-file\n/);
    expect(records.names).toContain("checked_1.0_amd64.lintian.log");
    expect(records.result.checks).toContainEqual(
      expect.objectContaining({ name: "debdiff", status: "pass", summary: "no differences" }),
    );
  });

  test("find what a package leaves behind, build it again later and in memory, and show what differs", async () => {
    const scripts = {
      "debian/postinst": "#!/bin/sh\nmkdir -p /var/lib/untidy; date > /var/lib/untidy/left\n",
    };
    const tree = await writeTree(kiln.directory, {
      name: "untidy",
      files: scripts,
      rules: untidyRules,
    });
    const conffile = { "etc/untidy.conf": "word\n", "DEBIAN/conffiles": "/etc/untidy.conf\n" };
    const earlier = await makeDeb(kiln.directory, { name: "untidy", version: "0.9", files: conffile });

    const checks = ["--no-lintian", "--piuparts", "--reprotest"];
    const ended = await kiln.run("build", tree, ...checks, "--extra-package", earlier);

    expect(ended.exitCode).toBe(0);
    expect(ended.stderr).toMatch(/piuparts: fail, .*install and purge/);
    const directory = join(kiln.directory, "untidy_1.0_amd64");
    const { result, log } = await readRecords(directory);
    expect(result.checks).toMatchObject([
      {
        name: "piuparts",
        status: "fail",
        parts: [
          {
            status: "fail",
            summary: "after purging /var/lib/untidy is still there",
          },
          {
            status: "fail",
            summary: expect.stringMatching(
              /purging \/var\/lib\/untidy is still there; after upgrading \/etc\/untidy\.conf stays as an obsolete conffile$/,
            ),
          },
        ],
      },
      {
        name: "reprotest",
        status: "fail",
        summary: "1 of 1 package came out otherwise: untidy_1.0_amd64.deb",
      },
    ]);
    const shown = await readFile(join(directory, "untidy_1.0_amd64.reprotest.log"), "utf8");
    expect(shown).toMatch(/\ndiffoscope:\n[^]*\.\/usr\/share\/untidy\/moment\n[^]* -\d{19}\n[^]* \+\d{19}\n/);
    const [first, second] = [...log.matchAll(/^year (\d+) on (\S+)$/gm)];
    expect(Number(second?.[1])).toBeGreaterThan(Number(first?.[1]));
    expect(second?.[2]).toBe("tmpfs");
    expect(log).toMatch(/\nPiuparts: fail\n/);
  });

  test("tell a test that hangs and a test bed that dies from one that fails", async () => {
    const tree = await writeTree(kiln.directory, { name: "tested", files: tests });
    const words = ["--no-lintian", "--require", "autopkgtest", "--check-timeout", "10s", "--verbose"];

    const build = kiln.start("build", tree, ...words);
    await says(build, /end my container/);
    await using engine = await connect(mainEngine);
    for (const name of await kiln.containers()) await engine.removeContainer(name);
    const ended = await build;

    expect(ended.exitCode).toBe(3);
    const directory = join(kiln.directory, "tested_1.0_amd64");
    const { result, log, names } = await readRecords(directory);
    expect(result.checks[0]?.parts.map(({ name, status }) => [name, status])).toEqual([
      ["dies", "error"],
      ["good", "pass"],
      ["bad", "fail"],
      ["hangs", "timeout"],
      ["online", "none"],
      ["noisy", "pass"],
      ["loud", "fail"],
      ["shaky", "warn"],
      ["skips", "none"],
    ]);
    expect(result.checks[0]?.exitCode).toBe(16);
    const summary = await readFile(join(directory, "tested_1.0_amd64.autopkgtest.summary"), "utf8");
    expect(summary.split("\n").slice(1)).toEqual([
      "good                 PASS",
      "bad                  FAIL non-zero exit status 3",
      "hangs                FAIL timed out",
      "online               SKIP needs the internet, which tests do not have",
      "noisy                PASS",
      "loud                 FAIL stderr: oh no",
      "shaky                FLAKY non-zero exit status 1",
      "skips                SKIP exit status 77 and marked as skippable",
      "",
    ]);
    expect(names).toContain("tested_1.0_amd64.deb");
    expect(log).toMatch(/\nAutopkgtest: fail\n/);
    await expect.poll(() => kiln.containers(), removal).toEqual([]);
  });
});

describeEngines("every check of one build", (engine) => {
  const kiln = kilnFor("all tests", engine);
  const main = kilnFor("all tests", mainEngine);
  beforeAll(async () => {
    if (engine.name === mainEngine.name) return;
    // These take longest to make: once is enough to see that they can be made.
    for (const tool of ["lintian", "devscripts"])
      await carryTool(tool, { engine: mainEngine, kiln: main }, engine);
  });

  test("has its verdict", async () => {
    const isMain = engine.name === mainEngine.name;
    // What no archive has, the tests and the purge get as the build does (Debian's bug 1114864).
    const extra = isMain ? await makeDeb(kiln.directory, { name: "extra-word" }) : null;
    const tree = await writeTree(kiln.directory, archived(extra === null ? null : "extra-word"));
    const words = extra === null ? [] : ["--extra-package", extra];

    const ended = await kiln.run(
      "build",
      tree,
      "-d",
      "trixie",
      ...words,
      ...verdicts.map(({ name }) => `--${name}`),
    );

    expect(ended).toMatchObject({ exitCode: 0 });
    const { result } = await readRecords(join(kiln.directory, "hello_99_amd64"));
    expect(result.checks).toMatchObject(verdicts);
    expect(ended.stderr).toContain("The build left files outside its tree: /tmp/stray");
    await expect.poll(() => kiln.containers(), removal).toEqual([]);
  });
});

/** What the checks find in `archived`, in the order in which they run. */
const verdicts: readonly { readonly name: string; readonly status: string; readonly summary: unknown }[] = [
  { name: "lintian", status: "fail", summary: expect.stringMatching(/^\d+ errors?/) },
  { name: "blhc", status: "pass", summary: "no hardening flag is missing" },
  { name: "debdiff", status: "info", summary: expect.stringMatching(/^\d+ files go; .* smaller$/) },
  {
    name: "piuparts",
    status: "pass",
    summary: "install and purge: nothing stays after purging; upgrade: upgraded, removed and purged",
  },
  { name: "autopkgtest", status: "pass", summary: "runs" },
  { name: "reprotest", status: "pass", summary: "the same bytes again, of 1 package" },
  { name: "build-depends", status: "warn", summary: "unused: ed" },
];

/**
 * A package whose name the archive has too: it compiles something, has a test, leaves a file where it should not, and has one build
 * dependency that it uses and one that it does not. It may need another package, which its test then looks for.
 */
function archived(needed: string | null): TinyPackage {
  const substitution = needed === null ? "" : ` -DDepends=${needed}`;
  const seen = needed === null ? "" : `grep -qx ${needed} /usr/share/${needed}/word\n`;
  return {
    name: "hello",
    version: "99",
    fields: ["Build-Depends: ed, figlet"],
    rules: `#!/usr/bin/make -f
include /usr/share/dpkg/buildflags.mk
build build-arch build-indep clean binary-indep:
binary: binary-arch
binary-arch:
	touch /tmp/stray
	figlet hello
	install -d debian/hello/DEBIAN debian/hello/usr/bin
	cc $(CFLAGS) $(CPPFLAGS) $(LDFLAGS) -o debian/hello/usr/bin/hello hello.c
	dpkg-gencontrol -phello -Pdebian/hello${substitution}
	dpkg-deb --root-owner-group --build debian/hello ..
.PHONY: build build-arch build-indep clean binary binary-arch binary-indep
`,
    files: {
      "hello.c": "int main(void) { return 0; }\n",
      "debian/tests/control": "Tests: runs\n",
      "debian/tests/runs": `#!/bin/sh\nset -e\n${seen}exec hello\n`,
    },
  };
}

/** Tests of a package: they see the built package, and of the user only what they must. */
const tests = {
  "debian/tests/control": `Tests: dies good bad hangs

Tests: online
Restrictions: needs-internet

Tests: noisy
Restrictions: allow-stderr

Tests: loud

Tests: shaky
Restrictions: flaky

Tests: skips
Restrictions: skippable
`,
  "debian/tests/dies": "#!/bin/sh\necho end my container\nexec sleep 1000\n",
  "debian/tests/good":
    "#!/bin/sh\nset -e\ntest -f /usr/share/tested/greeting.txt\ntest $(id -u) = 1234\necho > $AUTOPKGTEST_TMP/file\n",
  "debian/tests/bad": "#!/bin/sh\nexit 3\n",
  "debian/tests/hangs": "#!/bin/sh\nexec sleep 1000\n",
  "debian/tests/online": "#!/bin/sh\n",
  "debian/tests/noisy": "#!/bin/sh\necho oh no >&2\n",
  "debian/tests/loud": "#!/bin/sh\necho oh no >&2; echo more >&2\n",
  "debian/tests/shaky": "#!/bin/sh\nexit 1\n",
  "debian/tests/skips": "#!/bin/sh\nexit 77\n",
};

/** A package whose postinst writes a file that it does not own, and which has the moment of its build in it. */
const untidyRules = `#!/usr/bin/make -f
build build-arch build-indep clean binary-indep:
binary: binary-arch
binary-arch:
	echo "year $$(date +%Y) on $$(stat -f -c %T .)"
	mkdir -p debian/untidy/usr/share/untidy && date +%s%N > debian/untidy/usr/share/untidy/moment
	install -D -m 755 debian/postinst debian/untidy/DEBIAN/postinst
	dpkg-gencontrol -puntidy -Pdebian/untidy
	dpkg-deb --root-owner-group --build debian/untidy ..
.PHONY: build build-arch build-indep clean binary binary-arch binary-indep
`;
