import { arch } from "node:os";
import { debianArchitectureOf } from "../debian/architecture.ts";
import { suite, suiteOfChangelog } from "../debian/suite.ts";
import { type Archive, archiveOf, hostRepositories } from "../environment/archive.ts";
import {
  type Target,
  type TargetDefinition,
  checkTarget,
  checkTargetDefinition,
  resolveTarget,
} from "../environment/target.ts";
import type { Settings } from "./settings.ts";

/** What the flags say of the target. */
export interface TargetFlags {
  readonly target?: string | undefined;
  readonly dist?: string | undefined;
  readonly arch?: string | undefined;
  readonly repository?: readonly string[] | undefined;
  readonly mirror?: string | undefined;
  readonly snapshot?: string | undefined;
  readonly "snapshot-mirror"?: string | undefined;
  readonly keyring?: string | undefined;
  readonly "check-valid-until"?: boolean | undefined;
  readonly preferences?: readonly string[] | undefined;
  readonly "apt-option"?: readonly string[] | undefined;
}

/**
 * The target of a command: from its flags, else the source's changelog, else the settings, else Debian's stable suite. Of
 * mirror, snapshot, keyring and the like a flag counts most, then what the target's definition says, then the settings.
 * @throws Failure what `resolveTarget` raises (usage).
 */
export function targetOf(flags: TargetFlags, settings: Settings, distribution: string | null): Target {
  const changelog = distribution === null ? null : (suiteOfChangelog(distribution)?.name ?? null);
  const suiteName = flags.dist ?? (flags.target === undefined ? (changelog ?? undefined) : undefined);
  const target = resolveTarget(
    { name: flags.target ?? settings.target, suite: suiteName, architecture: flags.arch },
    settings.targets,
    {
      suite: distribution === null ? suite("stable").codename : "sid",
      architecture: hostArchitecture(),
      ...said(settings),
    },
  );
  return checkTarget({
    ...target,
    ...said({
      ...flags,
      snapshot_mirror: flags["snapshot-mirror"],
      check_valid_until: flags["check-valid-until"],
      apt_options: flags["apt-option"],
    }),
    repositories: [...target.repositories, ...(flags.repository ?? [])],
  });
}

/** What settings say of where packages come from: for those who have a target otherwise. */
export function placeWords(settings: Settings): TargetDefinition {
  return said(settings);
}

/** What settings or flags say of where packages come from, without what they leave open. */
function said(place: Partial<Record<PlaceKey, unknown>>): Pick<TargetDefinition, PlaceKey> {
  const given = placeKeys.filter((key) => place[key] !== undefined).map((key) => [key, place[key]]);
  return checkTargetDefinition(Object.fromEntries(given));
}

const placeKeys = [
  "mirror",
  "snapshot",
  "snapshot_mirror",
  "keyring",
  "check_valid_until",
  "preferences",
  "apt_options",
] as const;
type PlaceKey = (typeof placeKeys)[number];

/** Where that target's packages come from, by its own words and this host's apt sources. */
export async function archiveFor(target: Target): Promise<Archive> {
  return archiveOf(target, await hostRepositories());
}

/** Debian's name of this machine's architecture. */
export function hostArchitecture(): string {
  const oci = { x64: "amd64", ia32: "386", ppc64: "ppc64le" }[arch() as string] ?? arch();
  return debianArchitectureOf(oci) ?? oci;
}
