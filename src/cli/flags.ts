import { resolve } from "node:path";
import { Flags } from "@oclif/core";
import { Failure } from "../base/failure.ts";
import { trustLevels } from "../build/trust.ts";

/** Flags of commands that have a target; those with a setting's name override the setting. */
export const targetFlags = {
  target: Flags.string({
    char: "r",
    helpValue: "NAME",
    description: "target: a name of yours or debian-SUITE-ARCH",
  }),
  dist: Flags.string({
    char: "d",
    helpValue: "SUITE",
    description: "suite, such as trixie, sid or bookworm-backports",
  }),
  arch: Flags.string({
    helpValue: "ARCH",
    description: "architecture of the environment; a foreign one is emulated",
  }),
  repository: Flags.string({
    helpValue: "FILE",
    multiple: true,
    multipleNonGreedy: true,
    description: "extra repository: a deb822 .sources file with Signed-By",
  }),
  mirror: Flags.string({ helpValue: "URL", description: "mirror (default: this host's apt sources)" }),
  snapshot: Flags.string({ helpValue: "URL|TIME", description: "build against a snapshot of the archive" }),
  "snapshot-mirror": Flags.string({
    helpValue: "URL",
    description: "snapshot service: its address with {archive} and {timestamp} in it",
  }),
  keyring: Flags.string({ helpValue: "FILE", description: "keyring that the archive is signed with" }),
  "check-valid-until": Flags.boolean({
    allowNo: true,
    description: "refuse expired Release files (default)",
  }),
  preferences: Flags.string({
    helpValue: "FILE",
    multiple: true,
    multipleNonGreedy: true,
    description: "pins by which apt chooses packages: a file of apt_preferences(5)",
  }),
  "apt-option": Flags.string({
    helpValue: "NAME=VALUE",
    multiple: true,
    multipleNonGreedy: true,
    description: "option of apt's choice of packages, such as APT::Default-Release=trixie-backports",
  }),
  "max-age": Flags.string({
    helpValue: "TIME",
    description: "ask the archive again when older than this (15m)",
  }),
  frozen: Flags.boolean({
    allowNo: true,
    description: "never ask the archive: use what is known",
  }),
  proxy: Flags.string({ helpValue: "URL", description: "HTTP proxy for downloads" }),
  "ca-bundle": Flags.string({ helpValue: "FILE", description: "further certificate authorities (PEM)" }),
};

/** Which packages of a source are built: sbuild(1)'s flags, with its meaning. */
export const choiceFlags = {
  "arch-all": Flags.boolean({
    char: "A",
    allowNo: true,
    description: "build architecture-independent packages, which is the default",
  }),
  "arch-any": Flags.boolean({
    allowNo: true,
    description: "build architecture-dependent packages, which is the default",
  }),
  source: Flags.boolean({
    char: "s",
    allowNo: true,
    description: "build the source package too, as is the default for a tree whose binaries are all built",
  }),
  profiles: Flags.string({
    helpValue: "LIST",
    multiple: true,
    multipleNonGreedy: true,
    delimiter: ",",
    description: "build profiles",
  }),
};

/** For which architecture a source is built, when not for that of the tools. */
export const crossFlags = {
  host: Flags.string({
    helpValue: "ARCH",
    description: "cross-build for another architecture with native compilers: faster than --arch",
  }),
};

/** How a build is run, and where its results go. */
export const buildFlags = {
  "build-option": Flags.string({
    helpValue: "WORD",
    multiple: true,
    multipleNonGreedy: true,
    description: "add to DEB_BUILD_OPTIONS, such as nocheck",
  }),
  jobs: Flags.integer({
    char: "j",
    min: 1,
    description: "parallel jobs in the build (default: the engine's processors)",
  }),
  output: Flags.string({ char: "o", helpValue: "DIR", description: "where the results' directory is made" }),
};

/** How a single build leaves its results. */
export const flatFlags = {
  flat: Flags.boolean({
    allowNo: true,
    description: "lay each file into the output directory itself, too, as dpkg-buildpackage does",
  }),
};

/** In which environment a source is built, when that is the user's to choose. */
export const namedFlags = {
  env: Flags.string({
    helpValue: "NAME",
    description: "build in a named environment, which stays as it is; NAME@SNAPSHOT in a snapshot of it",
    exclusive: [
      ..."target dist arch host repository mirror snapshot snapshot-mirror keyring check-valid-until".split(
        " ",
      ),
      ..."preferences apt-option extra-package resolver aspcud-criteria explainer locked".split(" "),
    ],
  }),
};

/** How a build is made by a lock: nothing of what goes into it is chosen then. */
export const lockedFlags = {
  locked: Flags.string({
    helpValue: "LOCK",
    description: "build with exactly what a lock names: the file, or what `debkiln fetch` made",
    exclusive: [
      "target",
      "dist",
      "arch",
      "host",
      "repository",
      "keyring",
      "check-valid-until",
      "preferences",
      "apt-option",
      "max-age",
      "frozen",
      "arch-all",
      "arch-any",
      "source",
      "profiles",
      "build-option",
      "no-check",
      "setenv",
      "pass-environment",
      "maintainer",
      "uploader",
      "debbuildopt",
      "dpkg-source-opt",
      "make-binnmu",
      "append-to-version",
      "binnmu-changelog",
      "source-only-changes",
      "add-depends",
      "add-conflicts",
      "extra-package",
      "resolve-alternatives",
      "resolver",
      "aspcud-criteria",
      "explainer",
    ],
  }),
  offline: Flags.boolean({ description: "download nothing", dependsOn: ["locked"] }),
};

/** What shows others what a build was made of, and by whom. */
export const proofFlags = {
  sbom: Flags.boolean({ description: "leave a bill of materials with the results (SPDX 2.3)" }),
  provenance: Flags.boolean({
    description: "leave the build's provenance with the results (SLSA v1, in-toto)",
  }),
  sign: Flags.boolean({
    description:
      "sign the results on this machine; --sign=KEY names the key (default: of who made the changes)",
  }),
  "sign-key": Flags.string({
    helpValue: "KEY",
    description: "the key to sign with: fingerprint, id or address",
    dependsOn: ["sign"],
  }),
  "sign-with": Flags.option({
    options: ["gpg", "sq"] as const,
    default: "gpg" as const,
    description: "the program that signs",
  })(),
};

/** What is done with a build that failed. */
export const failureFlags = {
  "shell-on-fail": Flags.boolean({ description: "open a shell in a build that failed" }),
  keep: Flags.boolean({ description: "keep a failed build's container as an image" }),
  purge: Flags.option({
    options: ["always", "successful", "never"] as const,
    description: "which builds' containers are removed: the rest are kept as images (default: always)",
    exclusive: ["keep"],
  })(),
};

/** What else of a build stays. */
export const keepFlags = {
  "keep-files": Flags.string({
    helpValue: "GLOB",
    multiple: true,
    multipleNonGreedy: true,
    description: "keep files of the build's tree in a tar beside its results, also when it fails",
  }),
};

/** What a container has beside its environment. */
export const provisionFlags = {
  "bind-mount": Flags.string({
    helpValue: "DIR[:PATH][:rw]",
    multiple: true,
    multipleNonGreedy: true,
    description: "show it a directory of the engine's host, read-only without rw",
  }),
  tmpfs: Flags.string({
    helpValue: "PATH[:SIZE]",
    multiple: true,
    multipleNonGreedy: true,
    description: "have a directory of it in memory, such as /build:8G",
  }),
  device: Flags.string({
    helpValue: "PATH",
    multiple: true,
    multipleNonGreedy: true,
    description: "let it use a device of the engine's host, such as /dev/fuse",
  }),
};

interface RenamedFlags {
  readonly "build-option"?: readonly string[] | undefined;
  readonly "bind-mount"?: readonly string[] | undefined;
  readonly "lintian-option"?: readonly string[] | undefined;
  readonly device?: readonly string[] | undefined;
  readonly plugin?: readonly string[] | undefined;
}

/** Flags under their settings' names, where those are others. */
export function asSettings<F extends RenamedFlags>(flags: F) {
  // Settings name files absolutely, for they are read in any directory; a flag is meant here.
  const plugins = flags.plugin?.map((word) => (/^\.{0,2}\//.test(word) ? resolve(word) : word));
  return {
    ...flags,
    build_options: flags["build-option"],
    bind_mounts: flags["bind-mount"],
    lintian_options: flags["lintian-option"],
    devices: flags.device,
    plugins,
  };
}

/** What bounds a build. */
export const limitFlags = {
  memory: Flags.string({ helpValue: "SIZE", description: "memory limit, such as 4G" }),
  cpus: Flags.custom<number>({
    helpValue: "N",
    description: "processor limit",
    parse: async (text) => processors(text),
  })(),
  pids: Flags.integer({ helpValue: "N", description: "limit of processes" }),
  trust: Flags.option({
    options: trustLevels,
    description: "whether the source is trusted: see docs/security.md",
  })(),
  disk: Flags.string({ helpValue: "SIZE", description: "disk limit, such as 20G" }),
  timeout: Flags.string({ helpValue: "TIME", description: "time limit of a build (12h)" }),
  "silence-timeout": Flags.string({
    helpValue: "TIME",
    description: "time without output after which a build is ended (150m)",
  }),
};

function processors(text: string): number {
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text);
  throw new Failure("usage", "bad-command-line", `--cpus takes a number, not "${text}"`, {
    hint: "Write the number of processors, such as 2 or 0.5.",
  });
}
