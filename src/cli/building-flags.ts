import { checkFlags } from "./check-flags.ts";
import {
  buildFlags,
  choiceFlags,
  crossFlags,
  keepFlags,
  limitFlags,
  proofFlags,
  provisionFlags,
  targetFlags,
} from "./flags.ts";
import { cacheFlags } from "./cache-flags.ts";
import { environmentCacheFlags } from "./environment-cache-flags.ts";
import { hookFlags } from "./hook-flags.ts";
import { choosingFlags, rebuildFlags, variationFlags } from "./variation-flags.ts";

/** Of every command that builds, one source or many: where, what of it, with what, how, and what is left with the results. */
export const buildingFlags = {
  ...targetFlags,
  ...choiceFlags,
  ...crossFlags,
  ...choosingFlags,
  ...variationFlags,
  ...rebuildFlags,
  "build-option": buildFlags["build-option"],
  output: buildFlags.output,
  ...keepFlags,
  ...limitFlags,
  ...provisionFlags,
  ...cacheFlags,
  ...environmentCacheFlags,
  ...checkFlags,
  sbom: proofFlags.sbom,
  provenance: proofFlags.provenance,
  ...hookFlags,
};
