import { Flags } from "@oclif/core";
import { buildFlags, choiceFlags, failureFlags, limitFlags, targetFlags } from "./flags.ts";

/** How many builds run at once, and where their results go. */
export const chainFlags = {
  builds: Flags.integer({
    char: "j",
    min: 1,
    helpValue: "N",
    description: "builds at once (default: as many as processors and memory allow)",
  }),
  "cpu-budget": Flags.integer({
    min: 1,
    helpValue: "N",
    description: "processors for all builds together",
  }),
  "memory-budget": Flags.string({
    helpValue: "SIZE",
    description: "memory for all builds together",
  }),
  ...targetFlags,
  ...choiceFlags,
  "build-option": buildFlags["build-option"],
  jobs: Flags.integer({ min: 1, helpValue: "N", description: "parallel jobs in each build" }),
  output: buildFlags.output,
  ...limitFlags,
  keep: failureFlags.keep,
};
