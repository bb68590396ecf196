import { keyOf } from "../base/digest.ts";
import type { Task } from "../base/event.ts";
import { parseRelease } from "../debian/release.ts";
import type { Repository } from "../debian/repository.ts";
import type { Base } from "./base-image.ts";
import { baseIndices, baseReleases } from "./base-indices.ts";
import type { BaseRequest } from "./base-recipe.ts";
import { baseRepositories, mainRepositories } from "./base-repositories.ts";
import type { Bootstrapped } from "./bootstrap.ts";
import { type BootstrapPlan, baseSuiteOf } from "./bootstrap-plan.ts";
import { requireRunnable } from "./emulation.ts";
import { withIndices } from "./indices.ts";
import type { Kiln } from "./kiln.ts";
import type { LockedRelease } from "./lock.ts";
import { imageChanges, imageReference, labels } from "./names.ts";
import { currentReleases, releaseText } from "./releases.ts";
import { installedPackages } from "./resolver.ts";
import { targetName } from "./target.ts";

/**
 * Makes a target's base image. Without `repositories`, those are used that the bootstrap tool chooses.
 * @throws Failure what `requireRunnable`, `bootstrap` and `withIndices` raise.
 */
export async function makeBase(
  kiln: Kiln,
  { target, archive, recipe }: BaseRequest,
  known: { repositories: readonly Repository[] | null; releases: readonly LockedRelease[]; task: Task },
): Promise<Base> {
  await requireRunnable(await kiln.engine.about(), target.architecture);
  const plan: BootstrapPlan = {
    target,
    recipe,
    suite: baseSuiteOf(target),
    repositories: known.repositories === null ? null : baseRepositories(known.repositories),
    key: archive.key,
    epoch: await epochOf(kiln, baseReleases(known.repositories ?? [], known.releases)),
  };
  return known.task.step("bootstrap", `Bootstrap ${plan.suite} ${target.architecture}`, async (step) => {
    const made = await importBootstrap(kiln, plan, step);
    const repositories =
      known.repositories ??
      (await mainRepositories(kiln, target, archive, made.repositories, step)) ??
      made.repositories;
    const bare: Base = { digest: made.digest, repositories, packages: [] };
    const releases = known.releases.length > 0 ? known.releases : await currentReleases(kiln, repositories);
    const packages = await withIndices(kiln, baseIndices(target, bare, releases, step), (container) =>
      installedPackages(kiln, container),
    );
    step.summary = `${packages.length} packages`;
    return { ...bare, packages };
  });
}

/** The image is named by its bytes, which are known at the end: until then it has a name of this run's. */
async function importBootstrap(kiln: Kiln, plan: BootstrapPlan, step: Task): Promise<Bootstrapped> {
  const { target, recipe } = plan;
  const staging = imageReference("base", keyOf({ run: kiln.run, target, recipe, staging: true }));
  // Loaded only now: most commands find their base, and starting host commands needs 60 ms of library.
  const { bootstrap } = await import("./bootstrap.ts");
  const made = await bootstrap(kiln, plan, step, async (tar) => {
    await kiln.engine.import(tar, staging, {
      changes: imageChanges("base", { [labels.target]: targetName(target) }),
      architecture: target.architecture,
      signal: kiln.signal,
    });
  }).catch(async (thrown: unknown) => {
    await kiln.engine.removeImage(staging);
    throw thrown;
  });
  await kiln.engine.tag(staging, imageReference("base", made.digest));
  await kiln.engine.removeImage(staging);
  return made;
}

/** The newest of the indices' dates, in seconds since the epoch. */
async function epochOf(kiln: Kiln, releases: readonly LockedRelease[]): Promise<number | null> {
  const dates = await Promise.all(
    releases.map(async (each) => parseRelease(await releaseText(kiln, each), each.uri).date.getTime() / 1000),
  );
  return dates.length === 0 ? null : Math.max(...dates);
}
