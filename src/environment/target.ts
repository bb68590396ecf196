import { z } from "zod";
import { Failure } from "../base/failure.ts";
import { nearest } from "../base/nearest.ts";
import { architecture, architectures } from "../debian/architecture.ts";
import { suite } from "../debian/suite.ts";

/** Everything that a target says. */
const fields = {
  suite: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.+/-]*$/)
    .describe("Suite or codename, such as trixie"),
  architecture: z.string().describe("Debian architecture of the build environment"),
  components: z.array(z.string()).min(1).describe("Archive components"),
  mirror: z.url({ protocol: /^https?$/ }).describe("The archive's mirror; default: the host's apt sources"),
  security_mirror: z
    .url({ protocol: /^https?$/ })
    .describe("The mirror of SUITE-security, if it is to be used"),
  updates: z.boolean().describe("Whether SUITE-updates and SUITE-security are used where they exist"),
  keyring: z
    .string()
    .describe("Keyring file that the archive is signed with; default: the host's Debian keyring"),
  repositories: z
    .array(z.string())
    .describe("Extra repositories: deb822 .sources files or their text, with Signed-By"),
  snapshot: z.string().describe("A snapshot's address, or a time stamp for snapshot_mirror"),
  snapshot_mirror: z.string().describe("Address of a snapshot service with {archive} and {timestamp} in it"),
  check_valid_until: z.boolean().describe("Whether an expired Release file is refused"),
  preferences: z
    .array(z.string())
    .describe("Pins: files of apt_preferences(5) or their text, by which apt chooses packages"),
  apt_options: z
    .array(z.string())
    .describe(
      "Options of apt's choice of packages, NAME=VALUE, such as APT::Default-Release=trixie-backports",
    ),
};

/** A target as the configuration's `[targets]` has it: what it does not say comes from elsewhere. */
export const TargetDefinition = z.strictObject(fields).partial();
export type TargetDefinition = z.infer<typeof TargetDefinition>;

/**
 * What packages are built for, and from where: one named entry of the configuration's `[targets]`, or made from a name
 * such as `debian-trixie-amd64`.
 */
export const Target = z.strictObject({
  ...fields,
  components: fields.components.default(["main"]),
  mirror: fields.mirror.optional(),
  security_mirror: fields.security_mirror.optional(),
  updates: fields.updates.default(true),
  keyring: fields.keyring.optional(),
  repositories: fields.repositories.default([]),
  snapshot: fields.snapshot.optional(),
  snapshot_mirror: fields.snapshot_mirror.optional(),
  check_valid_until: fields.check_valid_until.default(true),
  preferences: fields.preferences.optional(),
  apt_options: fields.apt_options.optional(),
});
export type Target = z.infer<typeof Target>;

/** What the command line adds to a target. */
export interface TargetWords {
  /** A name from `targets`, or `debian-SUITE-ARCHITECTURE`. */
  readonly name?: string | undefined;
  readonly suite?: string | undefined;
  readonly architecture?: string | undefined;
}

/**
 * The target that is meant: a named one, with suite and architecture from the words when they are given. `fallback` fills in
 * what it does not say.
 * @throws Failure unknown-target, unknown-suite, unknown-architecture (usage), each with the nearest right name; bad-target.
 */
export function resolveTarget(
  words: TargetWords,
  targets: Readonly<Record<string, TargetDefinition>>,
  fallback: TargetDefinition & { readonly suite: string; readonly architecture: string },
): Target {
  const named: TargetDefinition =
    words.name === undefined ? {} : namedTarget(words.name, targets, fallback.architecture);
  const target = { ...fallback, ...named };
  const suiteName = words.suite ?? named.suite ?? fallback.suite;
  const architectureName = words.architecture ?? named.architecture ?? fallback.architecture;
  architecture(architectureName);
  suite(suiteName, { custom: target.mirror !== undefined });
  return checkTarget({ ...target, suite: suiteName, architecture: architectureName });
}

/** A target of words that a user wrote. @throws Failure bad-target (usage). */
export function checkTarget(words: unknown): Target {
  return checked(Target, words);
}

/** As `checkTarget`, of words that need not be a whole target. */
export function checkTargetDefinition(words: unknown): TargetDefinition {
  return checked(TargetDefinition, words);
}

function checked<T>(schema: z.ZodType<T>, words: unknown): T {
  const result = schema.safeParse(words);
  if (result.success) return result.data;
  const { path = [], message = "" } = result.error.issues[0] ?? {};
  const key = String(path[0] ?? "target");
  const value = typeof words === "object" && words !== null ? (Reflect.get(words, key) as unknown) : words;
  const hint = Object.entries(fields).find(([name]) => name === key)?.[1].description;
  throw new Failure(
    "usage",
    "bad-target",
    `The target's ${key} cannot be ${JSON.stringify(value)}: ${message}`,
    {
      ...(hint === undefined ? {} : { hint: `${key} is: ${hint}` }),
      details: { key },
    },
  );
}

/** The short name by which people and file names call it. */
export function targetName(target: Target): string {
  return `debian-${target.suite}-${target.architecture}`;
}

function namedTarget(
  name: string,
  targets: Readonly<Record<string, TargetDefinition>>,
  architecture: string,
): TargetDefinition {
  const defined = Object.hasOwn(targets, name) ? targets[name] : undefined;
  if (defined !== undefined) return defined;
  const built = /^debian-([a-z0-9+.-]+)-([a-z0-9]+)$/.exec(name);
  if (built?.[1] !== undefined && built[2] !== undefined) return { suite: built[1], architecture: built[2] };
  const near = /^debian-[a-z]+$/.test(name)
    ? `${name}-${architecture}`
    : nearest(name, [...Object.keys(targets), ...architectures.map(({ name }) => `debian-trixie-${name}`)]);
  throw new Failure("usage", "unknown-target", `There is no target ${name}`, {
    hint:
      near === null
        ? "`debkiln targets` lists them; the form is debian-SUITE-ARCHITECTURE."
        : `Did you mean ${near}?`,
  });
}
