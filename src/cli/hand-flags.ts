import { Flags } from "@oclif/core";
import { provisionFlags, targetFlags } from "./flags.ts";
import { registryFlags } from "./registry-flags.ts";

/** Which named environment is meant, for commands that need one. */
export const envFlag = {
  env: Flags.string({ char: "e", helpValue: "NAME", required: true, description: "named environment" }),
};

/** What decides about the archive at the moment of asking, of a named environment whose target is settled. */
export const freshnessFlags = {
  "max-age": targetFlags["max-age"],
  frozen: targetFlags.frozen,
  proxy: targetFlags.proxy,
  "ca-bundle": targetFlags["ca-bundle"],
};

/** Of commands that can begin with an environment from elsewhere. */
export const fromFlags = {
  from: Flags.string({
    helpValue: "PLACE",
    exclusive: ["target", "dist", "arch", "package"],
    description: "environment that `env export` wrote: an archive, or a registry's reference (by digest)",
  }),
  authfile: registryFlags.authfile,
  "tls-verify": registryFlags["tls-verify"],
};

const otherThanFailed = [
  "env",
  "from",
  "target",
  "dist",
  "arch",
  "repository",
  "mirror",
  "snapshot",
  "snapshot-mirror",
  "keyring",
  "preferences",
  "apt-option",
  "package",
];
const otherThanNamed = ["failed", ...otherThanFailed.filter((name) => name !== "env")];

/** Where one works by hand, and as whom. */
export const handFlags = {
  env: Flags.string({
    char: "e",
    helpValue: "NAME",
    exclusive: otherThanNamed,
    description: "named environment, or NAME@SNAPSHOT (default: a throw-away one of the target)",
  }),
  failed: Flags.string({
    helpValue: "BUILD",
    exclusive: otherThanFailed,
    description: "build that --keep kept, by its name (NAME, NAME_VERSION...) or key: begin in its tree",
  }),
  package: Flags.string({
    helpValue: "NAME",
    multiple: true,
    multipleNonGreedy: true,
    description: "package that the throw-away environment has beyond the base",
  }),
  ...fromFlags,
  ...targetFlags,
  ...provisionFlags,
  root: Flags.boolean({ default: false, description: "work as root, not as the user that builds" }),
  network: Flags.boolean({ default: false, description: "with the host's network (default: none)" }),
  directory: Flags.string({ helpValue: "PATH", description: "where to begin (default: the home directory)" }),
  // Without a default: oclif takes one for the flag itself, and would ask for --env.
  save: Flags.boolean({
    dependsOn: ["env"],
    description: "keep what was changed in the named environment",
  }),
};
