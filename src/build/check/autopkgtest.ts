import type { PackageTest } from "../../debian/test-control.ts";
import { printableLine } from "../../base/printable.ts";
import { type TestPlan, type TestedPackages, planTest } from "./autopkgtest-plan.ts";
import { testExitCode, testSummary } from "./autopkgtest-summary.ts";
import { type Check, type Ending, type Settled, type Subject, type Trial } from "./check.ts";
import { artifactsTar, sourceTar } from "./content.ts";
import type { Verdict } from "./outcome.ts";
import { type BuiltPackage, builtPackages } from "./packages.ts";
import { readTests } from "./read-tests.ts";

/** The package's own tests, debian/tests/control, each in a container of its own, with the built packages installed. */
export const autopkgtest: Check = {
  name: "autopkgtest",
  environment: null,
  plan: async (subject, bench) => {
    const tests = await readTests(subject, bench);
    if (tests.length === 0) return { status: "none", summary: "the package has no tests" };
    return testTrials(tests, subject, await builtPackages(subject, bench));
  },
  record: (parts, { source }) => ({
    ending: "summary",
    text: testSummary(parts, source.package.name),
    exitCode: testExitCode(parts),
  }),
};

export function testTrials(
  tests: readonly PackageTest[],
  subject: Subject,
  built: readonly BuiltPackage[],
): readonly (Trial | Settled)[] {
  const packages: TestedPackages = {
    built: built.map(({ control }) => control),
    buildDependencies: subject.build.dependencies.depends,
    architecture: subject.architecture,
  };
  return tests.map((test) => {
    const plan = planTest(test, packages);
    if ("skip" in plan) return { title: test.name, verdict: { status: "none", summary: plan.skip } };
    return trialOf(test, plan, subject, built);
  });
}

function trialOf(
  { name, run, restrictions }: PackageTest,
  plan: TestPlan,
  { source }: Subject,
  built: readonly BuiltPackage[],
): Trial {
  const debs = built
    .filter(({ control }) => plan.install.includes(control.name))
    .map(({ artifact }) => artifact);
  const [path, command] = "path" in run ? [run.path, ""] : ["", run.command];
  const build = plan.needsBuild ? "build" : "";
  const words = [plan.user, source.dscName ?? "", source.treeName, path, command, build];
  const skippedDependencies = restrictions.includes("skip-not-installable");
  return {
    title: name,
    ...(plan.isFlaky ? { hung: { status: "warn", summary: "timed out" } } : {}),
    environment: { request: { depends: plan.depends, conflicts: "" }, architecture: "target" },
    content: [sourceTar(source), artifactsTar(debs)],
    argv: ["sh", "-c", script, "sh", ...words, ...debs.map((each) => each.name)],
    user: "root",
    judge: (ending) => judgeTest(ending, plan),
    unavailable: skippedDependencies
      ? { status: "none", summary: "installation fails and skip-not-installable set" }
      : { status: "fail", summary: "badpkg: its dependencies cannot be installed" },
  };
}

/** What a test came to, in the words of autopkgtest's summary (autopkgtest(1), OUTPUT FORMAT). */
export function judgeTest({ exitCode, output }: Ending, plan: TestPlan): Verdict {
  const { own, said = "" } = ownEnd.exec(output)?.groups ?? {};
  const failed = (summary: string): Verdict => ({ status: plan.isFlaky ? "warn" : "fail", summary });
  if (exitCode === endings.badPackage)
    return { status: "fail", summary: "badpkg: the packages do not install" };
  if (exitCode === endings.buildFailed) return failed("the tree does not build");
  if (exitCode === endings.testFailed && own !== undefined) {
    if (own === "77" && plan.isSkippable)
      return { status: "none", summary: "exit status 77 and marked as skippable" };
    return failed(`non-zero exit status ${own}`);
  }
  if (exitCode === endings.saidErrors && !plan.allowsStderr) return failed(`stderr: ${printableLine(said)}`);
  if (exitCode !== 0 && exitCode !== endings.saidErrors)
    return { status: "error", summary: `the test bed failed with exit code ${exitCode}` };
  return { status: "pass", summary: plan.isSuperficial ? "(superficial)" : "" };
}

/** The first line that the test wrote to standard error, and its exit code: the last two lines, which are not the test's. */
const ownEnd = /\ndebkiln: stderr (?<said>[^\n]*)\ndebkiln: exit status (?<own>\d+)\n*$/;

/** Exit codes of the script. */
const endings = { testFailed: 101, saidErrors: 102, badPackage: 112, buildFailed: 113 } as const;

/** Standard error is written by a process of root's to a file of root's, and to the log as it comes. */
const script = `
who=$1 dsc=$2 tree=$3 path=$4 command=$5 build=$6; shift 6
[ -z "$dsc" ] || dpkg-source --no-check -x "$dsc" "$tree" || exit 120
dpkg-source --before-build "$tree" > /dev/null || exit 120
chown -R builder:builder "$tree" || exit 120
[ $# = 0 ] || dpkg --force-unsafe-io --install "$@" || exit ${endings.badPackage}
as() { if [ $who = root ]; then "$@"; else user "$@"; fi; }
user() { setpriv --reuid=builder --regid=builder --clear-groups "$@"; }
cd "$tree" || exit 120
if [ -n "$build" ]; then user debian/rules build || exit ${endings.buildFailed}; fi
place=$(mktemp -d /tmp/autopkgtest.XXXXXX) && mkdir $place/tmp $place/artifacts $place/home && chmod 755 $place || exit 120
[ $who = root ] || chown -R builder:builder $place
export HOME=$place/home AUTOPKGTEST_TMP=$place/tmp AUTOPKGTEST_ARTIFACTS=$place/artifacts ADTTMP=$place/tmp ADT_ARTIFACTS=$place/artifacts
export AUTOPKGTEST_NORMAL_USER=builder ADT_NORMAL_USER=builder DEBIAN_FRONTEND=noninteractive LANG=C.UTF-8
unset LC_ALL
[ -z "$path" ] || { chmod +x "$path" && set -- "./$path"; } || exit 120
[ -z "$command" ] || set -- bash -ec "$command"
mkfifo -m 600 /build/errors && : > /build/seen || exit 120
tee /build/seen < /build/errors >&2 & tee=$!
as "$@" < /dev/null 2> /build/errors
code=$?
for round in 1 2 3 4 5 6 7 8 9 10; do kill -0 $tee 2> /dev/null || break; sleep 0.1; done
printf '\\ndebkiln: stderr %s\\n' "$(head -n 1 /build/seen | head -c 500)"
printf 'debkiln: exit status %s\\n' $code
[ $code = 0 ] || exit ${endings.testFailed}
[ ! -s /build/seen ] || exit ${endings.saidErrors}
exit 0
`;
