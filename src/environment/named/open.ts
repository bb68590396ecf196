import { counted } from "../../base/counted.ts";
import { canonicalJson, keyOf } from "../../base/digest.ts";
import type { Task } from "../../base/event.ts";
import { Failure } from "../../base/failure.ts";
import type { Container } from "../../engine/engine.ts";
import { storedMemos } from "../../store/inventory.ts";
import { Base } from "../base-image.ts";
import { type Confinement, containerSpec } from "../confinement.ts";
import { endContainer } from "../end-container.ts";
import type { Environment } from "../environment.ts";
import type { Kiln } from "../kiln.ts";
import { environmentKey } from "../lock.ts";
import type { EnvironmentPlan } from "../plan.ts";
import { layProvisions, requireProvisions } from "../provisions.ts";
import type { Request } from "../resolver.ts";
import { alterations, environmentAltered, verifyImage } from "../verify.ts";
import { type Changed, alteredHint, applyChange } from "./change.ts";
import { requireRunnableImage } from "./container.ts";
import { type NamedEnvironment, lockOf } from "./find.ts";
import { formatName } from "./name.ts";

/**
 * Opens a container of a named environment for a build. What the build needs beyond it is installed there, and the environment
 * stays as it is.
 * @throws Failure environment-altered, no-emulation (infrastructure), environment-incomplete (usage), and what installing raises.
 */
export async function openNamedEnvironment(
  kiln: Kiln,
  named: NamedEnvironment,
  request: Request,
  confinement: Confinement,
  task: Task,
): Promise<Environment> {
  const { image, record } = named;
  const { provisions, ...plain } = confinement;
  await requireProvisions(kiln, provisions);
  await requireRunnableImage(kiln, image);
  const place = { purpose: "build", target: record.target } as const;
  let container = await kiln.engine.create(containerSpec(kiln, place, image.id, plain));
  try {
    const changed = await complete(kiln, container, named, request, task);
    const plan = await planOf(kiln, named, changed);
    confinement.planned?.(plan);
    if (provisions !== undefined) {
      // Packages' scripts must see none of it.
      if (changed.changes.length > 0) throw incomplete(named, changed);
      await container[Symbol.asyncDispose]();
      container = await kiln.engine.create(containerSpec(kiln, place, image.id, confinement));
      await layProvisions(kiln, container, provisions);
    }
    return asEnvironment(kiln, container, plan, task);
  } catch (thrown) {
    await container[Symbol.asyncDispose]();
    throw thrown;
  }
}

function asEnvironment(kiln: Kiln, container: Container, plan: EnvironmentPlan, task: Task): Environment {
  return {
    plan,
    container,
    installed: null,
    verify: () => Promise.resolve(),
    keep: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => endContainer(kiln, container, task),
  };
}

/** Installs what is wanting, where the environment is what its lock says. */
async function complete(
  kiln: Kiln,
  container: Container,
  named: NamedEnvironment,
  request: Request,
  task: Task,
): Promise<Changed> {
  const { at, image, record, key } = named;
  const lock = await lockOf(kiln, named);
  if (record.altered)
    throw environmentAltered(await alterations(kiln, container, lock), alteredHint(at.name));
  await verifyImage(kiln, image, container, { lock, key });
  return await applyChange(
    kiln,
    container,
    { name: at.name, image, lock, record },
    { kind: "request", request },
    task,
  );
}

/** Its key is the image's too: what was done by hand in it is in no list of packages. */
async function planOf(
  kiln: Kiln,
  named: NamedEnvironment,
  { lock, changes }: Changed,
): Promise<EnvironmentPlan> {
  const { at, image, record } = named;
  const name = formatName(at);
  const reference = image.references[0] ?? image.id;
  const reason =
    changes.length === 0
      ? `${name} has all of it`
      : `${counted(changes.length, "package differs", "packages differ")} from ${name}`;
  return {
    target: record.target,
    purpose: "build",
    base: await baseOf(kiln, lock.base),
    lock,
    lockDigest: await kiln.store.putBytes(canonicalJson(lock)),
    key: keyOf({ named: image.id, environment: environmentKey(lock) }),
    reference,
    image,
    start: { reference, packages: lock.packages, kind: "environment" },
    stage: null,
    decisions: [{ layer: "environment", outcome: changes.length === 0 ? "hit" : "miss", reason, changes }],
  };
}

/** The base that it once began with, as far as it is remembered: what it has beyond that is what a lock's user must fetch. */
async function baseOf({ store }: Kiln, digest: Base["digest"]): Promise<Base> {
  const memos = (await storedMemos(store)).filter(({ kind }) => kind === "base");
  const bases = memos.flatMap(({ text }) => Base.safeParse(JSON.parse(text)).data ?? []);
  return bases.find((each) => each.digest === digest) ?? { digest, repositories: [], packages: [] };
}

function incomplete({ at }: NamedEnvironment, { changes }: Changed): Failure {
  return new Failure(
    "usage",
    "environment-incomplete",
    `${formatName(at)} lacks what the build needs, which is not installed beside mounts, devices and files: ${changes.slice(0, 5).join(", ")}`,
    { hint: `Install it to stay: debkiln deps --env ${at.name} SOURCE`, details: { changes } },
  );
}
