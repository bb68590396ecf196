import { keyOf } from "../base/digest.ts";
import { Failure } from "../base/failure.ts";
import { buildDirectory, builder } from "../environment/builder.ts";
import type { Environment } from "../environment/environment.ts";
import type { Kiln } from "../environment/kiln.ts";
import { keptDirectory } from "../environment/named/failed.ts";
import { imageChanges, imageReference, labels } from "../environment/names.ts";
import type { BuildPlan } from "./plan.ts";
import type { FailedBuild } from "./request.ts";

/** The container of a build that failed, as long as it is still there. `keep` raises keep-failed (infrastructure). */
export function failedBuild(kiln: Kiln, plan: BuildPlan, environment: Environment): FailedBuild {
  const {
    container,
    plan: { key, base },
  } = environment;
  return {
    shell: async () => {
      const argv = ["sh", "-c", 'cd "$1" 2>/dev/null; exec bash -i', "sh", plan.tree];
      const options = {
        user: `${builder.uid}:${builder.gid}`,
        directory: buildDirectory,
        environment: plan.environment,
      };
      await container.interact(argv, options);
    },
    keep: async () => {
      // The environment's own image is made before anything is added.
      await environment.keep();
      // Volumes are no part of an image: the tree goes where it is.
      const copy = ["sh", "-c", `mkdir -p ${keptDirectory} && cp -a /build/. ${keptDirectory}/`];
      const { exitCode } = await container.run(copy, { signal: kiln.signal });
      if (exitCode !== 0) throw notCopied(exitCode);
      const reference = imageReference("failed", keyOf({ name: plan.name, key, run: kiln.run }));
      const changes = imageChanges("failed", {
        [labels.base]: base.digest,
        [labels.key]: plan.name,
        [labels.tree]: plan.tree,
      });
      await container.commit(reference, { changes });
      return reference;
    },
  };
}

function notCopied(exitCode: number): Failure {
  return new Failure(
    "infrastructure",
    "keep-failed",
    `The build tree could not be copied into the image to keep (cp: exit code ${exitCode})`,
    { hint: "The engine's disk may be full: see `debkiln doctor`, and free space with `debkiln gc`." },
  );
}
