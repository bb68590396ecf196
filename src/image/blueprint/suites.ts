import { nearest } from "../../base/nearest.ts";
import { type Suite, codenames, suite, suiteNames, suiteOfChangelog } from "../../debian/suite.ts";
import { type Target, TargetDefinition, checkTarget } from "../../environment/target.ts";
import { formatSources } from "../../debian/repository.ts";
import { repositoryOf } from "./repositories.ts";
import { problem } from "./problem.ts";
import type { Definition } from "./read.ts";

/** The main suite's name: what [debian] says, else the distro, else Debian's stable release. @throws Failure definition-conflict, unknown-suite (usage). */
export function suiteNameOf({ blueprint, place }: Definition): string {
  const { distro, debian } = blueprint;
  const custom = debian.mirror !== undefined || debian.snapshot !== undefined;
  const known = (name: string, path: readonly string[]) => {
    const near = suiteOfChangelog(name) === null ? nearest(name, suiteNames()) : name;
    if (custom || near === name) return suite(name, { custom });
    throw problem(place, path, {
      code: "unknown-suite",
      message: `${name} is not a suite debkiln knows`,
      hint: near === null ? `Known are ${codenames().join(", ")}.` : `Did you mean ${near}?`,
    });
  };
  const said = debian.suite === undefined ? null : known(debian.suite, ["debian", "suite"]);
  const meant = distro === undefined ? null : known(releaseOf(distro), ["distro"]);
  if (said !== null && meant !== null && said.base !== meant.base) {
    throw problem(place, ["distro"], {
      code: "definition-conflict",
      message: `distro is ${distro}, but [debian] has the suite ${said.name}`,
      hint: "Leave distro out: the suite says it.",
    });
  }
  return (said ?? meant ?? suite("stable")).name;
}

/**
 * What the packages are resolved for and where they come from: what the definition says, and for the rest, the fallback.
 * @throws Failure bad-target (usage), and what `suiteNameOf` raises.
 */
export function targetOfImage(
  definition: Definition,
  architecture: string,
  fallback: Partial<TargetDefinition>,
): Target {
  const { debian, customizations } = definition.blueprint;
  const said = Object.entries(debian).filter(([key, value]) => targetKeys.has(key) && value !== undefined);
  const used = customizations.repositories.filter(({ install_from }) => install_from);
  return checkTarget({
    ...fallback,
    ...Object.fromEntries(said),
    suite: suiteNameOf(definition),
    architecture,
    repositories: [
      ...(fallback.repositories ?? []),
      ...debian.repositories,
      ...used.map((each) => formatSources([{ ...repositoryOf(each), enabled: true }])),
    ],
  });
}

/** The keys of [debian] that are a target's, as they stand there. */
const targetKeys: ReadonlySet<string> = new Set(
  Object.keys(TargetDefinition.omit({ suite: true, architecture: true, repositories: true }).shape),
);

/** Whether the suite's libostree can mount images by composefs: Debian's is built with it from 2025.7 on, which trixie lacks. */
export function hasComposefs(suiteName: string): boolean {
  return !["bullseye", "bookworm", "trixie"].includes(suite(suiteName, { custom: true }).base);
}

/** apt_preferences(5) for the further suites; empty when there are none. */
export function preferencesOf({ blueprint }: Definition): string {
  return blueprint.debian.suites
    .flatMap(({ name, pin, packages }) =>
      pinsOf(name).flatMap((release) => [
        stanza("*", release, pin),
        ...(packages.length === 0 ? [] : [stanza(packages.join(" "), release, 990)]),
      ]),
    )
    .join("\n");
}

function stanza(packages: string, release: string, priority: number): string {
  return `Package: ${packages}\nPin: release ${release}\nPin-Priority: ${priority}\n`;
}

/** How a Release file names a suite: Debian's by codename, all others by either. */
function pinsOf(name: string): string[] {
  const known = findSuite(name);
  if (known === null) return [`n=${name}`, `a=${name}`];
  return [known.pocket === "experimental" ? "a=experimental" : `n=${known.name}`];
}

function findSuite(name: string): Suite | null {
  const found = suite(name, { custom: true });
  return found.alias === null && found.pocket === null ? null : found;
}

const numbered: Readonly<Record<string, string>> = {
  "11": "bullseye",
  "12": "bookworm",
  "13": "trixie",
  "14": "forky",
  "15": "duke",
};

/** osbuild writes a distribution and its version: `debian-13`, or `debian-13.1`. */
function releaseOf(distro: string): string {
  const version = distro.slice("debian-".length);
  return numbered[version.split(".")[0] ?? ""] ?? version;
}
