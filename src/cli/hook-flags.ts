import { Flags } from "@oclif/core";

const several = { multiple: true, multipleNonGreedy: true } as const;

/** The user's own commands at points of a build, beside those of the settings. */
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
};
