import { Flags } from "@oclif/core";

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
    description: "extra repository: a deb822 .sources file with Signed-By",
  }),
  mirror: Flags.string({ helpValue: "URL", description: "mirror (default: this host's apt sources)" }),
  snapshot: Flags.string({ helpValue: "URL|TIME", description: "build against a snapshot of the archive" }),
  keyring: Flags.string({ helpValue: "FILE", description: "keyring that the archive is signed with" }),
  "check-valid-until": Flags.boolean({
    allowNo: true,
    description: "refuse expired Release files (default)",
  }),
  "max-age": Flags.string({
    helpValue: "TIME",
    description: "ask the archive again when older than this (15m)",
  }),
  frozen: Flags.boolean({ description: "never ask the archive: use what is known" }),
  proxy: Flags.string({ helpValue: "URL", description: "HTTP proxy for downloads" }),
  "ca-bundle": Flags.string({ helpValue: "FILE", description: "further certificate authorities (PEM)" }),
};

/** What bounds a build. */
export const limitFlags = {
  memory: Flags.string({ helpValue: "SIZE", description: "memory limit, such as 4G" }),
  cpus: Flags.string({ helpValue: "N", description: "processor limit", parse: async (text) => text }),
  pids: Flags.integer({ helpValue: "N", description: "limit of processes" }),
  disk: Flags.string({ helpValue: "SIZE", description: "disk limit, such as 20G" }),
  timeout: Flags.string({ helpValue: "TIME", description: "time limit of a build (12h)" }),
  "silence-timeout": Flags.string({
    helpValue: "TIME",
    description: "time without output after which a build is ended (150m)",
  }),
};
