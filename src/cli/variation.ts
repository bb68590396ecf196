import { Failure } from "../base/failure.ts";
import { nearest } from "../base/nearest.ts";
import { parseRelations } from "../debian/relation.ts";
import type { AddedRelations, Choosing } from "../build/request.ts";
import { type Explainer, type Solver, defaultCriteria } from "../environment/solver.ts";
import { type Variation, isIdentity } from "../environment/variation.ts";
import { type RebuildFlags, type Variables, rebuildOf } from "./rebuild-entry.ts";

/** What flags say of how a build departs from what its source alone would give. */
export interface VariationFlags extends RebuildFlags {
  readonly "no-check"?: boolean | undefined;
  readonly setenv?: readonly string[] | undefined;
  readonly "pass-environment"?: boolean | undefined;
  readonly uploader?: string | undefined;
  readonly debbuildopt?: readonly string[] | undefined;
  readonly "dpkg-source-opt"?: readonly string[] | undefined;
  readonly "source-only-changes"?: boolean | undefined;
}

/** What flags say of the choice of packages. */
export interface ChoosingFlags {
  readonly "add-depends"?: readonly string[] | undefined;
  readonly "add-conflicts"?: readonly string[] | undefined;
  readonly "extra-package"?: readonly string[] | undefined;
  readonly "resolve-alternatives"?: boolean | undefined;
  readonly resolver?: Solver | undefined;
  readonly "aspcud-criteria"?: string | undefined;
  readonly host?: string | undefined;
  readonly explainer?: Explainer | undefined;
}

/**
 * The variation that flags and settings ask for, undefined when they ask for none. `here` are the caller's variables,
 * `variables` those of the settings, `now` seconds.
 * @throws Failure bad-identity, maintainer-missing, bad-variable, bad-timestamp, bad-changelog, bad-version, buildpackage-option
 * (usage).
 */
export function variationOf(
  flags: VariationFlags,
  here: Variables,
  { now, variables: said }: { readonly now: number; readonly variables: Readonly<Record<string, string>> },
): Variation | undefined {
  for (const each of [flags.maintainer, flags.uploader]) if (each !== undefined) requireIdentity(each);
  const rebuild = rebuildOf(flags, here, now);
  const variables = variablesOf(flags, here, said);
  const buildpackage = buildpackageOptions(flags);
  const variation: Variation = {
    ...(rebuild === undefined ? {} : { rebuild }),
    ...(Object.keys(variables).length === 0 ? {} : { variables }),
    ...(buildpackage.length === 0 ? {} : { buildpackage }),
  };
  return Object.keys(variation).length === 0 ? undefined : variation;
}

/** The relations that flags add, and the settings for the source. @throws Failure bad-relation (usage). */
export function addedOf(flags: ChoosingFlags, usual?: string): AddedRelations | undefined {
  const depends = [...(usual === undefined ? [] : [usual]), ...(flags["add-depends"] ?? [])];
  const conflicts = flags["add-conflicts"] ?? [];
  for (const text of [...depends, ...conflicts]) requireRelations(text);
  return depends.length + conflicts.length === 0 ? undefined : { depends, conflicts };
}

/** How flags have packages chosen. @throws Failure bad-command-line (usage) for what aspcud cannot do, or not without it. */
export function choosingOf(flags: ChoosingFlags): Choosing {
  const criteria = flags["aspcud-criteria"]?.trim();
  if (criteria !== undefined) requireCriteria(criteria, flags.resolver);
  if (flags.resolver === "aspcud" && flags.host !== undefined)
    throw new Failure("usage", "bad-command-line", "aspcud cannot choose packages for a cross build", {
      hint: "Leave out --resolver aspcud: apt's own solvers can.",
    });
  return {
    ...(criteria === undefined ? {} : { criteria }),
    solver: flags.resolver === "apt" ? undefined : flags.resolver,
    alternatives: flags["resolve-alternatives"] === true ? "any" : "first",
    explainer: flags.explainer === "apt" ? undefined : flags.explainer,
  };
}

/** In the form of apt-cudf(1): each with its sign, separated by commas. */
function requireCriteria(criteria: string, resolver: Solver | undefined): void {
  if (resolver !== "aspcud")
    throw new Failure("usage", "bad-command-line", "--aspcud-criteria counts for aspcud only", {
      hint: "Add --resolver aspcud.",
    });
  if (/^[+-][a-z][\x20-\x7e]*$/.test(criteria)) return;
  throw new Failure("usage", "bad-command-line", `${JSON.stringify(criteria)} are no criteria of aspcud's`, {
    hint: `Write each with + or - before it, as in --aspcud-criteria=${defaultCriteria}`,
  });
}

function requireRelations(text: string): void {
  try {
    parseRelations(text, "the command line");
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    const { code, message, hint, cause } = thrown;
    throw new Failure("usage", code, message, { ...(hint === undefined ? {} : { hint }), cause });
  }
}

function requireIdentity(text: string): void {
  if (isIdentity(text)) return;
  throw new Failure("usage", "bad-identity", `${JSON.stringify(text)} is not a name with an address`, {
    hint: "Write 'Jane Doe <jane@mirror.example>'.",
  });
}

/** The variables that flags and settings set, by name. @throws Failure bad-variable (usage). */
export function variablesOf(
  flags: Pick<VariationFlags, "setenv" | "pass-environment">,
  here: Variables,
  said: Readonly<Record<string, string>>,
): Record<string, string> {
  const passed =
    flags["pass-environment"] === true ? passable.filter((name) => here[name] !== undefined) : [];
  const words = [...Object.entries(said).map((pair) => pair.join("=")), ...passed, ...(flags.setenv ?? [])];
  return Object.fromEntries(words.map((word) => variable(word, here)));
}

function variable(word: string, here: Variables): readonly [string, string] {
  const [, name, value] = /^([A-Za-z_][A-Za-z0-9_]*)(?:=([^]*))?$/.exec(word) ?? [];
  if (name === undefined || word.includes("\0"))
    throw badVariable(
      `${JSON.stringify(word)} is no variable`,
      "Write NAME=VALUE, or NAME to pass on what is set here.",
    );
  const flag = ownFlags[name];
  if (flag !== undefined) throw badVariable(`${name} is not set by --setenv or variables`, flag);
  const set = value ?? here[name];
  if (set === undefined) {
    const near = nearest(name, Object.keys(here));
    const hint = near === null ? `Write ${name}=VALUE.` : `Did you mean ${near}? Else write ${name}=VALUE.`;
    throw badVariable(`${name} is not set here`, hint);
  }
  return [name, set];
}

const ownFlags: Readonly<Record<string, string>> = {
  DEB_BUILD_OPTIONS: "Use --build-option, and -j for parallel=.",
  DEB_BUILD_PROFILES: "Use --profiles.",
  PATH: "What a build finds is decided by its environment alone.",
  HOME: "A build has a home that does not exist, as on Debian's builders.",
  USER: "A build runs as the user builder.",
  LOGNAME: "A build runs as the user builder.",
  SHELL: "A build's shell is /bin/sh.",
};

function badVariable(message: string, hint: string): Failure {
  return new Failure("usage", "bad-variable", message, { hint });
}

/**
 * Variables that can change a build and tell nothing private: what dpkg records of them (Dpkg::BuildInfo,
 * get_build_env_allowed), without those that have flags of their own or mean nothing in another system.
 */
const passable = [
  ..."CC CPP CXX OBJC OBJCXX PC FC M2C AS LD AR RANLIB MAKE AWK LEX YACC ASFLAGS CFLAGS CPPFLAGS".split(" "),
  ..."CXXFLAGS OBJCFLAGS OBJCXXFLAGS GCJFLAGS DFLAGS FFLAGS LDFLAGS ARFLAGS MAKEFLAGS".split(" "),
  ..."DEB_VENDOR DPKG_GENSYMBOLS_CHECK_LEVEL SOURCE_DATE_EPOCH".split(" "),
  ..."CFLAGS CPPFLAGS CXXFLAGS OBJCFLAGS OBJCXXFLAGS FFLAGS FCFLAGS LDFLAGS"
    .split(" ")
    .flatMap((flag) => ["SET", "STRIP", "APPEND", "PREPEND"].map((how) => `DEB_${flag}_${how}`)),
];

function buildpackageOptions(flags: VariationFlags): readonly string[] {
  const given = (flags.debbuildopt ?? []).map((option) => option.trim());
  for (const option of given) requireOption(option);
  return [
    ...given,
    ...(flags["dpkg-source-opt"] ?? []).map((option) => `--source-option=${option.trim()}`),
    ...(flags.maintainer === undefined || flags["make-binnmu"] !== undefined
      ? []
      : [`-m${flags.maintainer}`]),
    ...(flags.uploader === undefined ? [] : [`-e${flags.uploader}`]),
  ];
}

/** What is decided otherwise, and shown as decided so, is no option's to change. */
function requireOption(option: string): void {
  const why = option.startsWith("-")
    ? decided.find(({ form }) => form.test(option))?.hint
    : "Options begin with a dash: write --debbuildopt=--no-pre-clean.";
  if (why === undefined) return;
  throw new Failure(
    "usage",
    "buildpackage-option",
    `dpkg-buildpackage cannot be given ${JSON.stringify(option)}`,
    {
      hint: why,
    },
  );
}

const decided: readonly { readonly form: RegExp; readonly hint: string }[] = [
  { form: /^(-[bBASgGF]$|--build=)/, hint: "Use --no-arch-any, --no-arch-all and -s to say what is built." },
  { form: /^(-[at]|--host-|--target-(arch|type))/, hint: "Use --host or --arch." },
  { form: /^(-P|--build-profiles)/, hint: "Use --profiles." },
  { form: /^(-[jJ]|--jobs)/, hint: "Use -j." },
  { form: /^(-m|--build-by|--source-by)/, hint: "Use --maintainer." },
  { form: /^(-e|--release-by)/, hint: "Use --uploader." },
  { form: /^(-k|-p|--sign)/, hint: "Results are signed outside the container: use --sign." },
  {
    form: /^(-T|--rules-target|--changes-file|--buildinfo-file)/,
    hint: "Results are found by dpkg's own names.",
  },
];
