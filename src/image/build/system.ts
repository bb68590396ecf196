import type { Task } from "../../base/event.ts";
import { Failure } from "../../base/failure.ts";
import type { Repository } from "../../debian/repository.ts";
import type { Archive } from "../../environment/archive.ts";
import type { Kiln } from "../../environment/kiln.ts";
import type { EnvironmentRequest } from "../../environment/plan.ts";
import type { ImagePlan } from "../plan.ts";
import { localPackages } from "../../repository/local-packages.ts";
import { toolsRequest } from "../unified/make.ts";
import { openLock } from "./locked.ts";

/** What an environment is asked for, and of whom. */
export interface Wanted {
  readonly request: EnvironmentRequest;
  /** The environment that makes its unified kernel image; null when it has none. */
  readonly tools: EnvironmentRequest | null;
  /** Finds what is beside the definition's lock, if it names one. */
  readonly kiln: Kiln;
}

/**
 * The environment that has a plan's packages and nothing else: to be resolved, or the one of the definition's lock.
 * @throws Failure suites-without-mirror, bad-tool-recipe (usage), and what `openLock` and `localPackages` raise.
 */
export async function systemRequest(
  kiln: Kiln,
  plan: ImagePlan,
  archive: Archive,
  task: Task,
): Promise<Wanted> {
  const { lock } = plan.packages;
  const request = await resolvableRequest(kiln, plan, archive);
  const tools = plan.boot.uki ? await toolsRequest(plan, archive) : null;
  if (lock === null) return { kiln, request, tools };
  const opened = await openLock(kiln, lock, { plan, archive }, task);
  if (tools !== null && opened.tools === null)
    task.warn(
      "The lock does not hold what makes the unified kernel image: the archive is asked for that",
      "Write it anew: leave lock out once, and build with --write-lock.",
    );
  return {
    kiln: opened.kiln,
    request: { ...request, locked: opened.set },
    tools: tools === null || opened.tools === null ? tools : { ...tools, locked: opened.tools },
  };
}

async function resolvableRequest(kiln: Kiln, plan: ImagePlan, archive: Archive): Promise<EnvironmentRequest> {
  const { packages, target, name } = plan;
  const { debs, suites } = packages;
  const local =
    debs.length === 0 ? null : await localPackages(kiln, debs, { architectures: [plan.architecture] });
  const further = [...furtherSuites(archive, suites), ...(local === null ? [] : [local.repository])];
  const depends = [packages.depends, ...(local?.depends ?? [])].filter((each) => each !== "").join(", ");
  return {
    target,
    archive: { ...archive, extra: [...archive.extra, ...further] },
    recipe: packages.recipe,
    request: {
      depends,
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
