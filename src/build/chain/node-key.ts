import { type Digest, keyOf } from "../../base/digest.ts";
import { recordProvisions } from "../../environment/provisions.ts";
import { targetName } from "../../environment/target.ts";
import { changesOf } from "../hook/hook.ts";
import { planBuild } from "../plan.ts";
import type { BuildRequest } from "../request.ts";

/**
 * What a build's results depend on: from the same key come the same. `source` is the digest of the source, `environment` the key of
 * all that is installed.
 */
export function nodeKey(request: BuildRequest, source: Digest, environment: Digest): Digest {
  const { steps, environment: variables, buildType } = planBuild({ ...request, jobs: null });
  const { sourceChanges = false, checks, attestations, provisions, keepFiles = [] } = request;
  const hooks = changesOf(request.hooks);
  return keyOf({
    source,
    environment,
    target: targetName(request.target),
    buildType,
    steps,
    variables,
    ...(sourceChanges ? { sourceChanges } : {}),
    // Results that were not checked so, or lack these files, are not what is wanted now.
    ...(checks === undefined || checks.required.length === 0 ? {} : { required: checks.required.toSorted() }),
    ...(provisions === undefined ? {} : { provisions: recordProvisions(provisions) }),
    ...(attestations?.sbom === true ? { sbom: true } : {}),
    ...(attestations?.provenance === true ? { provenance: true } : {}),
    ...(hooks.length === 0 ? {} : { hooks }),
    ...(keepFiles.length === 0 ? {} : { keepFiles }),
  });
}

/**
 * How each part of a request comes into the key: by itself, by the plan's steps and variables, or by the environment's packages; or why
 * it may be left out. A part that is new to `BuildRequest` has to be decided on here.
 */
export const keyParts = {
  source: "key",
  target: "key",
  archive: "environment",
  host: "plan",
  machine: "whichever machine runs the same tools",
  locked: "environment",
  named: "environment",
  wanted: "plan",
  profiles: "plan",
  buildOptions: "plan",
  variation: "plan",
  added: "environment",
  choosing: "environment",
  sourceChanges: "key",
  provisions: "key",
  ccache: "environment",
  jobs: "however many run at once",
  limits: "what bounds a build ends it or does nothing",
  diskBytes: "what bounds a build ends it or does nothing",
  trust: "what is refused is not built",
  deadlines: "what bounds a build ends it or does nothing",
  attestations: "key",
  checks: "key",
  hooks: "key",
  keepFiles: "key",
  plugins: "they are told of results and change none",
  output: "wherever they are put",
  onFailure: "only of builds that fail",
  onSuccess: "only of its container",
} as const satisfies Record<keyof BuildRequest, string>;
