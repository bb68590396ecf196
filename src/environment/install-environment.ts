import { counted } from "../base/counted.ts";
import { Failure } from "../base/failure.ts";
import { type Resources, addResources } from "../base/resources.ts";
import type { Container } from "../engine/engine.ts";
import type { Claim } from "../store/claim.ts";
import { commitEnvironment } from "./commit-environment.ts";
import { containerSpec, writableDirectories } from "./confinement.ts";
import { endContainer } from "./end-container.ts";
import type { Environment, Opening } from "./environment.ts";
import { fetchPackages } from "./fetch.ts";
import { installPackages } from "./install.ts";
import { type Difference, type Lock, difference } from "./lock.ts";
import type { Stage } from "./plan.ts";
import { startEnvironment } from "./start-environment.ts";
import { isWritableElsewhere, verifyPackages } from "./verify.ts";

/**
 * Installs an environment that has no image, on the nearest one that has. The claim to make its image is given up when that
 * is there, or by then nobody makes it here.
 * @throws Failure what `fetchPackages` and `installPackages` raise, environment-altered, image-missing (infrastructure).
 */
export async function installEnvironment(opening: Opening, claim: Claim): Promise<Environment> {
  try {
    return await (opening.confinement.provisions === undefined
      ? installHere(opening, claim)
      : installApart(opening, claim));
  } catch (thrown) {
    await claim[Symbol.asyncDispose]();
    throw thrown;
  }
}

async function installHere(opening: Opening, claim: Claim): Promise<Environment> {
  const { kiln, plan, confinement, task } = opening;
  const container = await createWithPackages(opening);
  let kept: Promise<void> | null = null;
  const keep = () => (kept ??= commitAndFree(opening, container, claim));
  try {
    const installed = await installAll(opening, container);
    if (await mustBeKeptFirst(opening, container)) await keep();
    return {
      plan,
      container,
      installed,
      verify: () => Promise.resolve(),
      keep,
      [Symbol.asyncDispose]: async () => {
        const isWanted = kept !== null || confinement.keeping !== "when-asked";
        if (isWanted && !kiln.signal.aborted) await keep();
        await endContainer(kiln, container, task);
        await claim[Symbol.asyncDispose]();
      },
    };
  } catch (thrown) {
    await container[Symbol.asyncDispose]();
    throw thrown;
  }
}

async function commitAndFree(opening: Opening, container: Container, claim: Claim): Promise<void> {
  try {
    await commitEnvironment(opening, opening.plan, container);
  } finally {
    await claim[Symbol.asyncDispose]();
  }
}

/**
 * As `installHere`, in a container of its own, which becomes the image: what the user lays in the build's container comes neither
 * before packages' scripts nor into what others share.
 */
async function installApart(opening: Opening, claim: Claim): Promise<Environment> {
  const { kiln, plan, confinement } = opening;
  const { provisions: _, ...plain } = confinement;
  const made = await installHere({ ...opening, confinement: plain }, claim);
  try {
    await made.keep();
  } finally {
    await made[Symbol.asyncDispose]();
  }
  const image = await kiln.engine.image(plan.reference);
  if (image !== null) return { ...(await startEnvironment(opening, image)), installed: made.installed };
  throw new Failure("infrastructure", "image-missing", "The environment is not in the engine", {
    hint: "The warnings above say why it could not be kept. Try again.",
  });
}

/** The container to install in, while the packages are fetched into the store. A container that came to be in vain is ended. */
async function createWithPackages({ kiln, plan, confinement, task }: Opening): Promise<Container> {
  const { install } = difference(plan.start.packages, plan.lock.packages);
  const [fetched, created] = await Promise.allSettled([
    fetchPackages(kiln, install, task),
    kiln.engine.create(containerSpec(kiln, plan, plan.start.reference, confinement)),
  ]);
  if (created.status === "rejected") throw fetched.status === "rejected" ? fetched.reason : created.reason;
  if (fetched.status === "fulfilled") return created.value;
  await created.value[Symbol.asyncDispose]();
  throw fetched.reason;
}

async function installAll(opening: Opening, container: Container): Promise<Resources | null> {
  const { plan } = opening;
  const { start, stage, lock } = plan;
  if (stage === null) {
    const where = start.kind === "base" ? "the base" : "a cached environment";
    return await installChange(opening, container, difference(start.packages, lock.packages), where);
  }
  const core = await installStage(opening, container, stage);
  const rest = difference(stage.lock.packages, lock.packages);
  return addResources(core, await installChange(opening, container, rest, "those"));
}

/** Installs what the leaves of a system stand on, and keeps it. Another debkiln may do the same at the same time. */
async function installStage(opening: Opening, container: Container, stage: Stage): Promise<Resources | null> {
  const { kiln, plan } = opening;
  const change = difference(plan.start.packages, stage.lock.packages);
  const title = `Install ${counted(change.install.length, "package")} on the base`;
  const taken = await opening.task.step("install-core", title, async (task) => {
    const resources = await installVerified({ ...opening, task }, container, change, stage.lock);
    await commitEnvironment({ ...opening, task }, stage, container);
    return resources;
  });
  await kiln.store.remember("used", stage.key, { time: Date.now() });
  return taken;
}

async function installChange(
  opening: Opening,
  container: Container,
  change: Difference,
  where: string,
): Promise<Resources | null> {
  const title = `Install ${counted(change.install.length, "package")} on ${where}`;
  return await opening.task.step("install", title, (task) =>
    installVerified({ ...opening, task }, container, change, opening.plan.lock),
  );
}

async function installVerified(
  { kiln, plan, task }: Opening,
  container: Container,
  change: Difference,
  lock: Lock,
): Promise<Resources | null> {
  const resources = await installPackages(kiln, container, change, plan, task);
  await verifyPackages(kiln, container, lock);
  return resources;
}

/** A build could change what it can write to. Nobody works in a system without knowing that it was kept. */
async function mustBeKeptFirst(
  { kiln, plan, confinement: { keeping = "first" } }: Opening,
  container: Container,
): Promise<boolean> {
  if (keeping === "first") return true;
  return plan.purpose === "build" && (await isWritableElsewhere(kiln, container, writableDirectories));
}
