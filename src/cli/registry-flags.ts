import { Flags } from "@oclif/core";

/** Flags of commands that speak to registries; `registryAccess` reads them. */
export const registryFlags = {
  authfile: Flags.string({ helpValue: "FILE", description: "logins (default: podman's and docker's)" }),
  "tls-verify": Flags.option({
    options: ["true", "false"] as const,
    default: "true",
    description: "whether the registry needs TLS with a certificate that is known",
  })(),
  "ca-bundle": Flags.string({ helpValue: "FILE", description: "further certificate authorities (PEM)" }),
  proxy: Flags.string({ helpValue: "URL", description: "HTTP proxy" }),
};

export const passphraseFlag = {
  "passphrase-file": Flags.string({
    helpValue: "FILE",
    description: "file with the private key's passphrase in its first line",
  }),
};
