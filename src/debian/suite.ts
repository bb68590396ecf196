import { Failure } from "../base/failure.ts";
import { nearest } from "../base/nearest.ts";

/** What stands beside a base suite in the archive. */
export type Pocket =
  | "updates"
  | "security"
  | "proposed-updates"
  | "backports"
  | "backports-sloppy"
  | "experimental";

/** A suite of the Debian archive. */
export interface Suite {
  /** The name by codename, such as `trixie` or `trixie-backports`. */
  readonly name: string;
  readonly codename: string;
  /** The base's role, such as `stable`; null when it has none. */
  readonly alias: string | null;
  /** The whole distribution that it stands on: `trixie` for `trixie-backports`, `sid` for `experimental`. */
  readonly base: string;
  /** What it is beside the base; null for the base itself. */
  readonly pocket: Pocket | null;
  /** The suites that a build for it draws from besides the base. `security` ones are in an archive of their own. */
  readonly extra: readonly { readonly name: string; readonly pocket: Pocket }[];
}

/**
 * The suite of that codename or alias. With `custom`, a name that Debian does not have (a derivative's or a private
 * suite) is a base of its own. Raises `unknown-suite`.
 */
export function suite(name: string, { custom = false }: { readonly custom?: boolean } = {}): Suite {
  const known = findSuite(name);
  if (known !== null) return known;
  if (custom && /^[A-Za-z0-9][A-Za-z0-9.+_~-]*$/.test(name)) {
    return { name, codename: name, alias: null, base: name, pocket: null, extra: [] };
  }
  const near = nearest(name, suiteNames());
  throw new Failure("usage", "unknown-suite", `${JSON.stringify(name)} is not a suite debkiln knows`, {
    hint:
      near === null
        ? `Known are ${releases.map(({ codename }) => codename).join(", ")}.`
        : `Did you mean ${near}?`,
    details: { name },
  });
}

/**
 * The suite that a changelog's distribution means, or null when it means none that is known: `UNRELEASED`, or a
 * derivative's.
 */
export function suiteOfChangelog(distribution: string): Suite | null {
  return findSuite(distribution);
}

/** Every name that `suite` knows. */
export function suiteNames(): readonly string[] {
  return releases.flatMap(({ codename, names, pockets }) =>
    [codename, ...names].flatMap((name) => [name, ...pockets.map((pocket) => `${name}-${pocket}`)]),
  );
}

/** The codenames of the releases that have a place in the archive's life: oldest first, `sid` last. */
export function codenames(): readonly string[] {
  return releases.filter(({ alias }) => alias !== null).map(({ codename }) => codename);
}

interface Release {
  readonly codename: string;
  readonly names: readonly string[];
  readonly alias: string | null;
  readonly pockets: readonly Pocket[];
  /** The pockets from which builds for the base draw. */
  readonly standard: readonly Pocket[];
}

const stablePockets: readonly Pocket[] = [
  "updates",
  "security",
  "proposed-updates",
  "backports",
  "backports-sloppy",
];
const testingPockets: readonly Pocket[] = ["updates", "security", "proposed-updates", "backports"];
const standard: readonly Pocket[] = ["updates", "security"];

/** Debian's releases as of November 2026. */
const releases: readonly Release[] = [
  { codename: "bullseye", names: ["oldoldstable"], alias: "oldoldstable", pockets: stablePockets, standard },
  { codename: "bookworm", names: ["oldstable"], alias: "oldstable", pockets: stablePockets, standard },
  { codename: "trixie", names: ["stable"], alias: "stable", pockets: stablePockets, standard },
  { codename: "forky", names: ["testing"], alias: "testing", pockets: testingPockets, standard },
  { codename: "duke", names: [], alias: null, pockets: testingPockets, standard },
  { codename: "sid", names: ["unstable"], alias: "unstable", pockets: [], standard: [] },
];

function findSuite(name: string): Suite | null {
  if (name === "experimental" || name === "rc-buggy") return experimental;
  for (const release of releases) {
    const own = [release.codename, ...release.names];
    if (own.includes(name)) return suiteOf(release, null);
    const pocket = release.pockets.find((pocket) => own.some((base) => name === `${base}-${pocket}`));
    if (pocket !== undefined) return suiteOf(release, pocket);
  }
  return null;
}

const experimental: Suite = {
  name: "experimental",
  codename: "experimental",
  alias: null,
  base: "sid",
  pocket: "experimental",
  extra: [{ name: "experimental", pocket: "experimental" }],
};

function suiteOf({ codename, alias, standard }: Release, pocket: Pocket | null): Suite {
  const needed: readonly Pocket[] =
    pocket === "backports-sloppy" ? ["backports", pocket] : pocket === null ? [] : [pocket];
  return {
    name: pocket === null ? codename : `${codename}-${pocket}`,
    codename,
    alias,
    base: codename,
    pocket,
    extra: [...new Set([...standard, ...needed])].map((each) => ({
      name: `${codename}-${each}`,
      pocket: each,
    })),
  };
}
