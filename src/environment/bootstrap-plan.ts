import type { Readable } from "node:stream";
import type { Repository } from "../debian/repository.ts";
import { shellWord } from "../base/shell-word.ts";
import { suite } from "../debian/suite.ts";
import type { BaseRecipe } from "./base-recipe.ts";
import { buildDirectory, builder } from "./builder.ts";
import type { Target } from "./target.ts";

/** Raised when the root filesystem that comes out changes, so that no older base is taken for a new one. */
export const recipeVersion = 5;

/** What a base is made of, decided before anything runs. */
export interface BootstrapPlan {
  readonly target: Target;
  readonly recipe: BaseRecipe;
  /** The suite of the base: for backports and the like, the suite that they extend. */
  readonly suite: string;
  /** Null leaves the choice to the bootstrap tool. */
  readonly repositories: readonly Repository[] | null;
  /** The armored key of a target that names its own; what its repositories say comes on top. */
  readonly key: string | null;
  /** Time stamp of the newest index, in seconds: the base's bytes depend on nothing newer. */
  readonly epoch: number | null;
}

/** Where what comes out of mmdebstrap goes. */
export interface BootstrapOutput {
  readonly tar: (tar: Readable) => Promise<void>;
  /** The sources.list that mmdebstrap wrote. */
  readonly sources: (text: string) => void;
}

/** Where mmdebstrap finds and leaves files, on the host or in a container. */
export interface BootstrapPaths {
  /** Where its hook leaves the sources.list. */
  readonly sources: string;
  /** A directory of armored keys; without it, the bootstrap tool's own are used. */
  readonly keyring?: string | undefined;
  readonly caBundle?: string | undefined;
}

/** The keys that a plan's repositories must be signed with, by file name for a keyring directory (apt takes armor as .asc). */
export function bootstrapKeys({ repositories, key }: BootstrapPlan): ReadonlyMap<string, string> {
  const keys = new Set([key, ...(repositories ?? []).map(({ signedBy }) => signedBy)]);
  keys.delete(null);
  return new Map([...keys].map((each, at) => [`${at}.asc`, `${each}\n`]));
}

/** mmdebstrap's arguments for a plan. */
export function mmdebstrapArguments(plan: BootstrapPlan, paths: BootstrapPaths): string[] {
  const { target, recipe } = plan;
  return [
    `--variant=${recipe.variant}`,
    ...(recipe.purpose === "build" ? ["--include=build-essential"] : []),
    "--format=tar",
    // What it would ask of arch-test(1) has been checked.
    "--skip=check/qemu",
    `--architectures=${target.architecture}`,
    `--components=${target.components.join(",")}`,
    ...(paths.keyring === undefined ? [] : [`--keyring=${paths.keyring}`]),
    ...aptOptions(target, paths).map((option) => `--aptopt=${option}`),
    ...excludeHooks(recipe).map((hook) => `--extract-hook=${hook}`),
    ...customizeHooks(recipe, paths.sources).map((hook) => `--customize-hook=${hook}`),
    plan.suite,
    "-",
    ...(plan.repositories ?? []).flatMap(sourceLines),
  ];
}

function aptOptions(target: Target, { caBundle }: BootstrapPaths): string[] {
  return [
    'Acquire::Languages "none"',
    'APT::Install-Recommends "false"',
    // debconf would look for questions in every package first, by unpacking it: nobody answers them (apt.conf(5), #clear).
    "#clear DPkg::Pre-Install-Pkgs",
    ...(target.check_valid_until ? [] : ['Acquire::Check-Valid-Until "false"']),
    ...(caBundle === undefined ? [] : [`Acquire::https::CAInfo "${caBundle}"`]),
  ];
}

/**
 * dpkg's configuration of the paths that it leaves out, which stays, so that it holds for what is installed later too; and the
 * end of what mmdebstrap has extracted of them before dpkg installs the same packages. As `--dpkgopt` it would be the same, but
 * mmdebstrap would pass each package through a filter that takes as long as all the rest of the extraction (mmtarfilter(1)).
 */
function excludeHooks({ pathExcludes, pathIncludes }: BaseRecipe): string[] {
  if (pathExcludes.length === 0) return [];
  const options = [
    ...pathExcludes.map((path) => `path-exclude=${path}`),
    ...pathIncludes.map((path) => `path-include=${path}`),
  ];
  const patterns = pathExcludes.map((path) => `-path ${shellWord(`.${path}`)}`).join(" -o ");
  return [
    `cat > "$1"/etc/dpkg/dpkg.cfg.d/debkiln <<'debkiln-excludes'\n${options.join("\n")}\ndebkiln-excludes`,
    `cd "$1" && find . -xdev -depth \\( ${patterns} \\) \\( ! -type d -o -empty \\) -delete`,
  ];
}

/** No service starts, and there is no trace of where a base was made or from which mirror. */
function customizeHooks(recipe: BaseRecipe, sources: string): string[] {
  return [
    // By way of a file inside: root in an unprivileged user's namespace cannot write to that user's own directory.
    'cat "$1"/etc/apt/sources.list "$1"/etc/apt/sources.list.d/*.list > "$1"/debkiln-sources.list 2>/dev/null || :',
    `download /debkiln-sources.list '${sources}'`,
    'rm -f "$1"/debkiln-sources.list "$1"/etc/apt/sources.list "$1"/etc/apt/sources.list.d/* "$1"/etc/apt/apt.conf.d/99mmdebstrap "$1"/etc/hostname "$1"/etc/resolv.conf',
    'printf \'#!/bin/sh\\nexit 101\\n\' > "$1"/usr/sbin/policy-rc.d && chmod 755 "$1"/usr/sbin/policy-rc.d',
    ...(recipe.purpose === "build" ? builderHooks : imageHooks(recipe)),
    'rm -rf "$1"/var/log/apt/* "$1"/var/log/dpkg.log "$1"/var/log/alternatives.log "$1"/var/log/bootstrap.log "$1"/var/cache/ldconfig/aux-cache "$1"/var/lib/dpkg/*-old "$1"/var/cache/debconf/*-old "$1"/etc/*-',
  ];
}

/** What build environments have beyond the buildd set, as files only: the unprivileged user `builder` and the build directory. */
const builderHooks = [
  `echo '${builder.name}:x:${builder.uid}:${builder.gid}:debkiln builder:${builder.home}:/bin/sh' >> "$1"/etc/passwd`,
  `echo '${builder.name}:!:19000::::::' >> "$1"/etc/shadow`,
  `echo '${builder.name}:x:${builder.gid}:' >> "$1"/etc/group`,
  `echo '${builder.name}:!::' >> "$1"/etc/gshadow`,
  `mkdir -p "$1"${buildDirectory} && chown ${builder.uid}:${builder.gid} "$1"${buildDirectory}`,
];

/**
 * What is to be so before a system's packages are installed: kernels make no links in the root, no initramfs is made for
 * each package that asks for one (the image gets its own in the end), and questions have their answers.
 */
function imageHooks({ debconf }: BaseRecipe): string[] {
  return [
    "printf 'do_symlinks = no\\nno_symlinks = yes\\n' > \"$1\"/etc/kernel-img.conf",
    `printf '#!/bin/sh\\nexit 0\\n' > "$1"${dracutMask} && chmod 755 "$1"${dracutMask}`,
    ...(debconf.length === 0
      ? []
      : [`chroot "$1" debconf-set-selections <<'debkiln-answers'\n${debconf.join("\n")}\ndebkiln-answers`]),
  ];
}

/** Before dracut's own directory in the search path; not part of an image. */
export const dracutMask = "/usr/local/sbin/dracut";

function sourceLines(repository: Repository): string[] {
  return repository.uris.flatMap((uri) =>
    repository.suites.map((name) => `deb ${uri} ${name} ${repository.components.join(" ")}`),
  );
}

/** The suite that a base for this target is made of. */
export function baseSuiteOf(target: Target): string {
  return suite(target.suite, { custom: target.mirror !== undefined }).base;
}
