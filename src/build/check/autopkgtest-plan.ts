import { matchesArchitecture } from "../../debian/architecture.ts";
import type { BinaryPackage } from "../../debian/binary-package.ts";
import { canonicalRelations, parseRelations, reduceRelations } from "../../debian/relation.ts";
import type { PackageTest } from "../../debian/test-control.ts";
import { needsOf, withSiblings } from "./siblings.ts";

/** What one test needs to be run. */
export interface TestPlan {
  readonly user: "root" | "user";
  readonly isSkippable: boolean;
  readonly isFlaky: boolean;
  readonly isSuperficial: boolean;
  readonly allowsStderr: boolean;
  readonly needsBuild: boolean;
  /** Names of the built packages that are installed. */
  readonly install: readonly string[];
  /** What the environment must have, as a dpkg relation field. */
  readonly depends: string;
}

export interface TestedPackages {
  readonly built: readonly BinaryPackage[];
  readonly buildDependencies: string;
  readonly architecture: string;
}

/**
 * How a test is to be run, or why it is not (autopkgtest, README.package-tests, "Defined restrictions"): a restriction that is
 * not known means that the test is skipped. @throws Failure bad-relation (package).
 */
export function planTest(test: PackageTest, packages: TestedPackages): TestPlan | { readonly skip: string } {
  const { architecture } = packages;
  if (!isFor(test.architectures, architecture)) return { skip: `not for ${architecture}` };
  const restricted = new Set(test.restrictions);
  for (const each of restricted) {
    const reason = refused.get(each);
    if (reason !== undefined) return { skip: reason };
    if (!honoured.has(each)) return { skip: `unknown restriction ${each}` };
  }
  const needsBuild = restricted.has("build-needed");
  const depends = needsBuild ? `${test.depends}, @builddeps@` : test.depends;
  return {
    user: restricted.has("needs-root") ? "root" : "user",
    isSkippable: restricted.has("skippable"),
    isFlaky: restricted.has("flaky"),
    isSuperficial: restricted.has("superficial"),
    allowsStderr: restricted.has("allow-stderr"),
    needsBuild,
    ...dependenciesOf(depends, restricted.has("needs-recommends"), packages),
  };
}

/** What the container gives: it is one, it is thrown away, and root in it is root. */
const honoured: ReadonlySet<string> = new Set([
  "allow-stderr",
  "breaks-testbed",
  "build-needed",
  "flaky",
  "isolation-container",
  "needs-recommends",
  "needs-root",
  "rw-build-tree",
  "skip-not-installable",
  "skippable",
  "superficial",
]);

const refused: ReadonlyMap<string, string> = new Map([
  ["isolation-machine", "needs a machine of its own, and this is a container"],
  ["needs-internet", "needs the internet, which tests do not have"],
  ["needs-reboot", "needs to reboot, which a container cannot"],
  ["needs-sudo", "needs a user who may become root"],
  ["hint-testsuite-triggers", "only names packages, and is no test"],
]);

function isFor(patterns: readonly string[], architecture: string): boolean {
  const wanted = patterns.filter((each) => !each.startsWith("!"));
  const excepted = patterns.filter((each) => each.startsWith("!")).map((each) => each.slice(1));
  const matches = (pattern: string) => matchesArchitecture(architecture, pattern);
  return !excepted.some(matches) && (wanted.length === 0 || wanted.some(matches));
}

function dependenciesOf(
  depends: string,
  withRecommends: boolean,
  { built, buildDependencies, architecture }: TestedPackages,
): Pick<TestPlan, "install" | "depends"> {
  const install = new Set<string>();
  const others: string[] = [];
  for (const entry of depends.split(",").map((each) => each.trim())) {
    const own = built.find(({ name }) => name === /^[a-z0-9][a-z0-9+.-]*/.exec(entry)?.[0]);
    if (entry === "@") for (const { name } of built) install.add(name);
    else if (entry === "@builddeps@") others.push(buildDependencies);
    else if (entry === "@recommends@") others.push(...built.map(recommendsOf));
    else if (own !== undefined && !entry.includes("|")) install.add(own.name);
    else if (entry !== "") others.push(entry);
  }
  const chosen = withSiblings(install, built);
  if (withRecommends) others.push(...chosen.map(recommendsOf));
  const ownNames = new Set(built.map(({ name }) => name));
  const reduced = reduceRelations(
    parseRelations(others.filter((each) => each !== "").join(", "), "Depends of a test"),
    { architecture, profiles: [] },
  ).filter(({ alternatives }) => !alternatives.some(({ name }) => ownNames.has(name)));
  const needs = parseRelations(needsOf(chosen), "Depends");
  return {
    install: chosen.map(({ name }) => name),
    depends: canonicalRelations([...reduced, ...needs]),
  };
}

function recommendsOf({ fields }: BinaryPackage): string {
  const text = fields.find(([field]) => field.toLowerCase() === "recommends")?.[1] ?? "";
  return text.split(/\s+/).join(" ").trim();
}
