import { Failure } from "../../base/failure.ts";
import type { Repository } from "../../debian/repository.ts";
import type { Archive } from "../../environment/archive.ts";
import type { EnvironmentRequest } from "../../environment/plan.ts";
import type { ImagePlan } from "../plan.ts";

/** The environment that has a plan's packages and nothing else. @throws Failure suites-without-mirror (usage). */
export function systemRequest(plan: ImagePlan, archive: Archive): EnvironmentRequest {
  const { packages, target, name } = plan;
  return {
    target,
    archive: { ...archive, extra: [...archive.extra, ...furtherSuites(archive, packages.suites)] },
    recipe: packages.recipe,
    request: {
      depends: packages.depends,
      conflicts: "",
      system: { recommends: packages.recommends, preferences: packages.preferences },
    },
    subject: `image ${name}`,
  };
}

/** Suites beside the target's own, from the same mirrors. */
function furtherSuites(archive: Archive, suites: readonly string[]): Repository[] {
  if (suites.length === 0) return [];
  const [first] = archive.main ?? [];
  if (first === undefined)
    throw new Failure(
      "usage",
      "suites-without-mirror",
      `Which mirror has ${suites.join(", ")} is not known`,
      {
        hint: "Say mirror in the definition's [debian] table.",
      },
    );
  return [{ ...first, suites }];
}
