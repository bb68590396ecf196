import { counted } from "../base/counted.ts";
import type { Task } from "../base/event.ts";
import { Failure, asFailure } from "../base/failure.ts";
import { type Resources, addResources } from "../base/resources.ts";
import type { Container, Image } from "../engine/engine.ts";
import type { Claim } from "../store/claim.ts";
import { Found } from "../store/once.ts";
import { type Confinement, containerSpec, writableDirectories } from "./confinement.ts";
import { type Difference, difference } from "./lock.ts";
import { endContainer } from "./end-container.ts";
import { fetchPackages } from "./fetch.ts";
import { installPackages } from "./install.ts";
import type { Kiln } from "./kiln.ts";
import { imageChanges, labels } from "./names.ts";
import {
  type EnvironmentPlan,
  type EnvironmentRequest,
  type Stage,
  planEnvironment,
  rememberLast,
} from "./plan.ts";
import { layProvisions, requireProvisions } from "./provisions.ts";
import { claimOrBring } from "./remote/claim-or-bring.ts";
import { contributeEnvironment } from "./remote/remote-environment.ts";
import { targetName } from "./target.ts";
import { isWritableElsewhere, rememberVerified, verifyImage, verifyPackages } from "./verify.ts";

/** A locked environment, running. Disposing ends the container, in the background; the image stays. */
export interface Environment extends AsyncDisposable {
  readonly plan: EnvironmentPlan;
  readonly container: Container;
  /** What the installation took in the container; null when there was none. */
  readonly installed: Resources | null;
  /** Compares what is installed with the lock. @throws Failure environment-altered (infrastructure). */
  verify(): Promise<void>;
  /**
   * Makes the image of what was newly installed, where that is `beside` what runs in the container; disposing does so at the latest.
   * Where it is made `when-asked`, this asks.
   * podman starts no further command in a container while it is committed (libpod holds its lock), so this is for when
   * the long command has begun. Waits for the image; a failure to make it is only a warning.
   */
  keep(): Promise<void>;
}

/**
 * Opens the environment that a request needs: from its image when there is one, else installed on the nearest one, in
 * which case the image is committed beside whatever the caller does next. When the mirror has moved on since its indices
 * were read (pool files of sid vanish within minutes), they are read once more; when a garbage collection took an image
 * or a download after the plan, it is made or fetched anew.
 */
export async function openEnvironment(
  kiln: Kiln,
  wanted: EnvironmentRequest,
  confinement: Confinement,
  task: Task,
): Promise<Environment> {
  try {
    return await openPlanned(kiln, wanted, confinement, task);
  } catch (thrown) {
    const afresh = afterLoss(kiln, thrown, task);
    if (afresh === null) throw thrown;
    return await openPlanned(afresh, wanted, confinement, task);
  }
}

/** What to plan anew with, when something went that the plan counted on; null for all other failures. */
function afterLoss(kiln: Kiln, thrown: unknown, task: Task): Kiln | null {
  if (!(thrown instanceof Failure)) return null;
  if (["image-missing", "blob-missing"].includes(thrown.code)) {
    task.note("what the cache had was removed meanwhile: planning anew");
    return kiln;
  }
  if (thrown.code !== "not-found" || kiln.freshness.frozen) return null;
  task.note("the mirror no longer has a package: asking it for newer indices");
  return { ...kiln, freshness: { maxAgeMs: 0, frozen: false } };
}

async function openPlanned(
  kiln: Kiln,
  wanted: EnvironmentRequest,
  confinement: Confinement,
  task: Task,
): Promise<Environment> {
  if (kiln.runtime !== undefined) await kiln.engine.requireRuntime(kiln.runtime);
  await requireProvisions(kiln, confinement.provisions);
  const wished = await planEnvironment(kiln, wanted, task);
  await kiln.store.remember("used", wished.key, { time: Date.now() });
  const { plan, claim } = await claimOrBring(kiln, wished, task);
  confinement.planned?.(plan);
  const environment = await (claim instanceof Found
    ? start(kiln, plan, claim.found, confinement, task)
    : confinement.provisions === undefined
      ? install(kiln, plan, confinement, claim, task)
      : installApart(kiln, plan, confinement, claim, task));
  contributeEnvironment(kiln, plan);
  try {
    await rememberLast(kiln, wanted, plan);
  } catch (thrown) {
    await environment[Symbol.asyncDispose]();
    throw thrown;
  }
  return environment;
}

async function start(
  kiln: Kiln,
  plan: EnvironmentPlan,
  image: Image,
  confinement: Confinement,
  task: Task,
): Promise<Environment> {
  // By its id: what is verified is what runs, whatever its name comes to mean.
  const container = await kiln.engine.create(containerSpec(kiln, plan, image.id, confinement));
  try {
    if (confinement.provisions !== undefined) await layProvisions(kiln, container, confinement.provisions);
  } catch (thrown) {
    await container[Symbol.asyncDispose]();
    throw thrown;
  }
  return {
    plan,
    container,
    installed: null,
    verify: () => verifyImage(kiln, image, container, plan),
    keep: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => endContainer(kiln, container, task),
  };
}

async function install(
  kiln: Kiln,
  plan: EnvironmentPlan,
  confinement: Confinement,
  claim: Claim,
  task: Task,
): Promise<Environment> {
  const change = difference(plan.start.packages, plan.lock.packages);
  const [, container] = await settleBoth(
    fetchPackages(kiln, change.install, task),
    kiln.engine.create(containerSpec(kiln, plan, plan.start.reference, confinement)),
  ).catch(async (thrown: unknown) => {
    await claim[Symbol.asyncDispose]();
    throw thrown;
  });
  let committed: Promise<void> | null = null;
  const keep = () => (committed ??= commit(kiln, plan, container, claim, task));
  const close = async () => {
    if (!kiln.signal.aborted && (committed !== null || confinement.keeping !== "when-asked")) await keep();
    await endContainer(kiln, container, task);
    await claim[Symbol.asyncDispose]();
  };
  let installed: Resources | null = null;
  try {
    const { stage } = plan;
    if (stage !== null) installed = await installStage(kiln, plan, stage, container, task);
    const rest = stage === null ? change : difference(stage.lock.packages, plan.lock.packages);
    installed = addResources(installed, await installChange(kiln, plan, container, rest, task));
    if ((confinement.keeping ?? "first") === "first" || (await mustBeKeptFirst(kiln, plan, container)))
      await keep();
  } catch (thrown) {
    await claim[Symbol.asyncDispose]();
    await container[Symbol.asyncDispose]();
    throw thrown;
  }
  return {
    plan,
    container,
    installed,
    verify: () => Promise.resolve(),
    keep,
    [Symbol.asyncDispose]: close,
  };
}

/**
 * As `install`, in a container of its own, which becomes the image: what the user lays in the build's container comes neither
 * before packages' scripts nor into what others share.
 */
async function installApart(
  kiln: Kiln,
  plan: EnvironmentPlan,
  confinement: Confinement,
  claim: Claim,
  task: Task,
): Promise<Environment> {
  const { provisions: _, ...plain } = confinement;
  const made = await install(kiln, plan, plain, claim, task);
  try {
    await made.keep();
  } finally {
    await made[Symbol.asyncDispose]();
  }
  const image = await kiln.engine.image(plan.reference);
  if (image !== null)
    return { ...(await start(kiln, plan, image, confinement, task)), installed: made.installed };
  throw new Failure("infrastructure", "image-missing", "The environment is not in the engine", {
    hint: "The warnings above say why it could not be kept. Try again.",
  });
}

/** A build could change what it can write to. Nobody works in a system without knowing that it was kept. */
async function mustBeKeptFirst(kiln: Kiln, plan: EnvironmentPlan, container: Container): Promise<boolean> {
  return plan.purpose === "build" && isWritableElsewhere(kiln, container, writableDirectories);
}

/** Installs what the leaves of a system stand on, and keeps it. Another debkiln may do the same at the same time. */
async function installStage(
  kiln: Kiln,
  plan: EnvironmentPlan,
  stage: Stage,
  container: Container,
  task: Task,
): Promise<Resources | null> {
  const change = difference(plan.start.packages, stage.lock.packages);
  const title = `Install ${counted(change.install.length, "package")} on the base`;
  const taken = await task.step("install-core", title, async (step) => {
    const resources = await installPackages(kiln, container, change, plan, step);
    await verifyPackages(kiln, container, stage.lock);
    await commitImage(kiln, plan, stage, container, step);
    return resources;
  });
  await kiln.store.remember("used", stage.key, { time: Date.now() });
  return taken;
}

async function installChange(
  kiln: Kiln,
  plan: EnvironmentPlan,
  container: Container,
  change: Difference,
  task: Task,
): Promise<Resources | null> {
  const where =
    plan.stage !== null ? "those" : plan.start.kind === "base" ? "the base" : "a cached environment";
  const title = `Install ${counted(change.install.length, "package")} on ${where}`;
  return await task.step("install", title, async (step) => {
    const resources = await installPackages(kiln, container, change, plan, step);
    await verifyPackages(kiln, container, plan.lock);
    return resources;
  });
}

async function commit(
  kiln: Kiln,
  plan: EnvironmentPlan,
  container: Container,
  claim: Claim,
  task: Task,
): Promise<void> {
  try {
    await commitImage(kiln, plan, plan, container, task);
  } finally {
    await claim[Symbol.asyncDispose]();
  }
}

/** Makes the image; a failure of that is only a warning, since the build needs nothing but its container. */
async function commitImage(
  kiln: Kiln,
  { base, target }: EnvironmentPlan,
  { key, lockDigest, reference }: Omit<Stage, "lock">,
  container: Container,
  task: Task,
): Promise<void> {
  const changes = imageChanges("environment", {
    [labels.key]: key,
    [labels.base]: base.digest,
    [labels.lock]: lockDigest,
    [labels.target]: targetName(target),
  });
  try {
    const image = await container.commit(reference, { changes });
    await rememberVerified(kiln, image, key);
  } catch (thrown) {
    if (!kiln.signal.aborted) {
      task.warn(`The environment could not be kept for next time: ${asFailure(thrown).message}`);
    }
  }
}

/** Both results; when one fails, the other is awaited and a container that came of it is ended before the failure goes on. */
async function settleBoth<A>(first: Promise<A>, second: Promise<Container>): Promise<[A, Container]> {
  const [a, b] = await Promise.allSettled([first, second]);
  if (a.status === "fulfilled" && b.status === "fulfilled") return [a.value, b.value];
  if (b.status === "fulfilled") await b.value[Symbol.asyncDispose]();
  throw a.status === "rejected" ? a.reason : b.status === "rejected" ? b.reason : new Error("unreachable");
}
