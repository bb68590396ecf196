import { Flags } from "@oclif/core";

const several = { multiple: true, multipleNonGreedy: true } as const;

/** The user's own commands at points of a build, beside those of the settings; and plugins, in the place of those. */
export const hookFlags = {
  hook: Flags.string({
    helpValue: "POINT=COMMAND",
    ...several,
    description: "run a shell command in the build's container at setup, starting-build, finished-build, ...",
  }),
  "host-hook": Flags.string({
    helpValue: "POINT=COMMAND",
    ...several,
    description: "run one on this machine, as you: at pre-build, post-build, failed or any other point",
  }),
  plugin: Flags.string({
    helpValue: "NAME|FILE",
    ...several,
    description: "tell this plugin of the build: package-state, hw-info, resource-report, or a module's file",
  }),
};
