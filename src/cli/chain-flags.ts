import { Flags } from "@oclif/core";
import { buildingFlags } from "./building-flags.ts";
import { failureFlags } from "./flags.ts";

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
  ...buildingFlags,
  jobs: Flags.integer({ min: 1, helpValue: "N", description: "parallel jobs in each build" }),
  keep: failureFlags.keep,
  purge: failureFlags.purge,
};
