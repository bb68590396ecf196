import { Flags } from "@oclif/core";

/** Repositories of registries that bases and environments are taken from. */
export const cacheFromFlags = {
  "cache-from": Flags.string({
    helpValue: "REPOSITORY",
    multiple: true,
    multipleNonGreedy: true,
    description: "take environments from a registry's repository instead of installing them",
  }),
  "cache-key": Flags.string({
    helpValue: "FILE",
    description: "public key that must have signed what --cache-from takes",
  }),
  "cache-authfile": Flags.string({
    helpValue: "FILE",
    description: "logins for those repositories (default: podman's and docker's)",
  }),
  "cache-tls-verify": Flags.custom<boolean>({
    options: ["true", "false"],
    description: "whether their registries need TLS with a certificate that is known (default: true)",
    parse: async (text) => text === "true",
  })(),
};

/** Repositories of registries with which bases and environments are shared. */
export const environmentCacheFlags = {
  ...cacheFromFlags,
  "cache-to": Flags.string({
    helpValue: "REPOSITORY",
    description: "push environments that are not there to a registry's repository",
  }),
  "cache-sign-key": Flags.string({
    helpValue: "FILE",
    description: "private key to sign what --cache-to pushes",
  }),
  "cache-passphrase-file": Flags.string({
    helpValue: "FILE",
    description: "file with that key's passphrase in its first line",
  }),
};
