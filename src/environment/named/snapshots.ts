import type { Task } from "../../base/event.ts";
import { Failure } from "../../base/failure.ts";
import type { Kiln } from "../kiln.ts";
import { type NamedEnvironment, findNamed, listNamed, requireNamed } from "./find.ts";
import { namedReference } from "./name.ts";
import { claimName } from "./save.ts";

/** Gives an environment as it is now a further name, which is a tag and takes no space. @throws Failure snapshot-exists (usage). */
export async function createSnapshot(kiln: Kiln, name: string, snapshot: string, task: Task): Promise<void> {
  await using _ = await claimName(kiln, name, task);
  const { image } = await requireNamed(kiln, { name, snapshot: null });
  const taken = await kiln.engine.image(namedReference({ name, snapshot }));
  if (taken?.id === image.id) return task.note(`${name} has not changed since its snapshot ${snapshot}`);
  if (taken !== null) throw snapshotExists(name, snapshot);
  await kiln.engine.tag(image.id, namedReference({ name, snapshot }));
}

/**
 * Makes an environment what it was at a snapshot; the snapshot stays. An image that has no name then goes with the next `gc`:
 * removing it takes ten times as long as this.
 */
export async function restoreSnapshot(kiln: Kiln, name: string, snapshot: string, task: Task): Promise<void> {
  await using _ = await claimName(kiln, name, task);
  const { image } = await requireNamed(kiln, { name, snapshot });
  const before = await kiln.engine.image(namedReference({ name, snapshot: null }));
  if (before?.id === image.id) return task.note(`${name} has not changed since its snapshot ${snapshot}`);
  await kiln.engine.tag(image.id, namedReference({ name, snapshot: null }));
}

/** The snapshots of one environment, or of all. */
export async function listSnapshots(kiln: Kiln, name: string | null): Promise<readonly NamedEnvironment[]> {
  const all = await listNamed(kiln);
  if (name !== null && !all.some(({ at }) => at.name === name))
    await requireNamed(kiln, { name, snapshot: null });
  return all.filter(({ at }) => at.snapshot !== null && (name === null || at.name === name));
}

/** Removes a snapshot. @throws Failure no-such-environment, image-in-use (usage). */
export async function removeSnapshot(kiln: Kiln, name: string, snapshot: string, task: Task): Promise<void> {
  await using _ = await claimName(kiln, name, task);
  if ((await findNamed(kiln, { name, snapshot })) === null) await requireNamed(kiln, { name, snapshot });
  const reference = namedReference({ name, snapshot });
  if (await kiln.engine.removeImage(reference)) return;
  if ((await kiln.engine.image(reference)) === null) return;
  throw new Failure("usage", "image-in-use", `A container uses the snapshot ${snapshot} of ${name}`, {
    hint: "Leave the shells that are open in it, then remove it.",
  });
}

function snapshotExists(name: string, snapshot: string): Failure {
  return new Failure("usage", "snapshot-exists", `${name} has a snapshot ${snapshot} already`, {
    hint: `Choose another name, or remove that one first: debkiln snapshot rm ${name} ${snapshot}`,
  });
}
