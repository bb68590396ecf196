import type { Task } from "../../base/event.ts";
import { Failure } from "../../base/failure.ts";
import type { Container, Image } from "../../engine/engine.ts";
import { endContainer } from "../end-container.ts";
import type { Kiln } from "../kiln.ts";
import type { Lock } from "../lock.ts";
import { layProvisions, requireProvisions, withoutFiles } from "../provisions.ts";
import { alterations, environmentAltered, isVerified, verifyImage } from "../verify.ts";
import { alteredHint } from "./change.ts";
import { type HandOptions, handSpec, requireRunnableImage } from "./container.ts";
import { type NamedEnvironment, lockOf, recallNamedLock, requireNamed } from "./find.ts";
import { type EnvironmentName, formatName } from "./name.ts";
import { withChange } from "./record.ts";
import { claimName, saveNamed } from "./save.ts";

/** A container of an environment, for work by hand. Disposing ends it; what was not kept is gone then. */
export interface Visit extends AsyncDisposable {
  readonly container: Container;
  /** What the environment is called where one works in it. */
  readonly title: string;
  /** Where work begins, if not in the home directory. */
  readonly directory?: string;
}

/** A visit whose changes can be kept. */
export interface SavingVisit extends Visit {
  /** Makes what the container has become the environment. Gives the packages that were changed by hand, in words. */
  save(said: string): Promise<readonly string[]>;
}

/** Opens a container of an image. The container has what the image has, and no effect on it. */
export async function visitImage(
  kiln: Kiln,
  image: Image,
  title: string,
  options: HandOptions,
  task: Task,
): Promise<Visit> {
  return await openVisit(kiln, image, { ...options, title, check: () => Promise.resolve() }, task);
}

/**
 * Opens a container of a named environment or snapshot, whose packages are those of its lock.
 * @throws Failure no-such-environment (usage), environment-altered, no-emulation (infrastructure).
 */
export async function visitNamed(
  kiln: Kiln,
  at: EnvironmentName,
  options: HandOptions,
  task: Task,
): Promise<Visit> {
  return await visitFound(kiln, await requireNamed(kiln, at), options, task);
}

/**
 * As `visitNamed`; nobody else changes the environment meanwhile. No files are laid in its container, for they would be kept.
 * @throws Failure snapshot-fixed (usage) for a snapshot.
 */
export async function visitToSave(
  kiln: Kiln,
  at: EnvironmentName,
  options: HandOptions,
  task: Task,
): Promise<SavingVisit> {
  if (at.snapshot !== null) throw snapshotFixed(at);
  const claim = await claimName(kiln, at.name, task);
  try {
    const named = await requireNamed(kiln, at);
    const lock = await lockOf(kiln, named);
    const provisions = withoutFiles(options.provisions);
    const visit = await visitFound(kiln, named, { ...options, provisions }, task);
    const mounted = [...(provisions?.mounts ?? []), ...(provisions?.tmpfs ?? [])].map(({ path }) => path);
    return {
      ...visit,
      save: (said) => save(kiln, visit.container, { named, lock, said, mounted }, task),
      [Symbol.asyncDispose]: async () => {
        await visit[Symbol.asyncDispose]();
        await claim[Symbol.asyncDispose]();
      },
    };
  } catch (thrown) {
    await claim[Symbol.asyncDispose]();
    throw thrown;
  }
}

async function visitFound(
  kiln: Kiln,
  named: NamedEnvironment,
  options: HandOptions,
  task: Task,
): Promise<Visit> {
  const check = (container: Container) => verify(kiln, named, container, task);
  return await openVisit(kiln, named.image, { ...options, title: formatName(named.at), check }, task);
}

/** What a user has laid in the container comes after it was looked at. */
async function openVisit(
  kiln: Kiln,
  image: Image,
  options: HandOptions & {
    readonly title: string;
    readonly check: (container: Container) => Promise<void>;
  },
  task: Task,
): Promise<Visit> {
  const { title, check, provisions } = options;
  await requireProvisions(kiln, provisions);
  await requireRunnableImage(kiln, image);
  const container = await kiln.engine.create(handSpec(kiln, image, options));
  try {
    await check(container);
    if (provisions !== undefined) await layProvisions(kiln, container, provisions);
    return { container, title, [Symbol.asyncDispose]: () => endContainer(kiln, container, task) };
  } catch (thrown) {
    await container[Symbol.asyncDispose]();
    throw thrown;
  }
}

/** What was changed by hand, knowingly, is not held against its lock. */
async function verify(kiln: Kiln, named: NamedEnvironment, container: Container, task: Task): Promise<void> {
  const { at, image, key, record } = named;
  if (record.altered || (await isVerified(kiln, image, key))) return;
  const lock = await recallNamedLock(kiln, named);
  if (lock === null) return task.warn(`The lock of ${formatName(at)} is lost: nothing was verified`);
  const changes = await alterations(kiln, container, lock);
  if (changes.length > 0) throw environmentAltered(changes, alteredHint(at.name));
  await verifyImage(kiln, image, container, { lock, key });
}

async function save(
  kiln: Kiln,
  container: Container,
  {
    named,
    lock,
    said,
    mounted,
  }: {
    readonly named: NamedEnvironment;
    readonly lock: Lock;
    readonly said: string;
    readonly mounted: readonly string[];
  },
  task: Task,
): Promise<readonly string[]> {
  const { at, image, record } = named;
  const changes = await alterations(kiln, container, lock);
  const next = withChange({ ...record, parent: image.id, altered: changes.length > 0 }, said);
  await task.step("commit", `Keep ${at.name}`, () =>
    saveNamed(kiln, container, { from: image, name: at.name, lock, record: next, mounted }),
  );
  return changes;
}

function snapshotFixed(at: EnvironmentName): Failure {
  return new Failure("usage", "snapshot-fixed", `${formatName(at)} is a snapshot, which does not change`, {
    hint: `Restore it first (debkiln snapshot restore ${at.name} ${at.snapshot}), or work in ${at.name}.`,
  });
}
