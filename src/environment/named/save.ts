import { keyOf } from "../../base/digest.ts";
import { Failure } from "../../base/failure.ts";
import type { Container, Image } from "../../engine/engine.ts";
import { Claim } from "../../store/claim.ts";
import { claimUnlessFound } from "../../store/once.ts";
import type { Task } from "../../base/event.ts";
import { canonicalJson } from "../../base/digest.ts";
import type { Kiln } from "../kiln.ts";
import { type Lock, environmentKey } from "../lock.ts";
import { imageChanges, labels } from "../names.ts";
import { targetName } from "../target.ts";
import { rememberVerified } from "../verify.ts";
import { lockLabels } from "./carried-lock.ts";
import { flatten } from "./flatten.ts";
import { namedReference } from "./name.ts";
import { type NamedRecord, encodeRecord } from "./record.ts";

/** What a named environment is to become. */
export interface NamedState {
  readonly name: string;
  /** The image that its container was started from. */
  readonly from: Image;
  readonly lock: Lock;
  readonly record: NamedRecord;
  /** What is mounted in the container, by its path: no part of the environment. */
  readonly mounted?: readonly string[];
}

/**
 * Makes the container's root filesystem the named environment, without what lies in its temporary directories. What had
 * the name before keeps its snapshots' names.
 */
export async function saveNamed(
  kiln: Kiln,
  container: Container,
  { name, from, lock, record, mounted = [] }: NamedState,
): Promise<Image> {
  await container.run(emptyTemporary(mounted), { signal: kiln.signal });
  const key = environmentKey(lock);
  const changes = imageChanges("named", {
    [labels.key]: key,
    [labels.base]: lock.base,
    [labels.lock]: await kiln.store.putBytes(canonicalJson(lock)),
    ...lockLabels(lock),
    [labels.target]: targetName(record.target),
    [labels.named]: encodeRecord(record),
  });
  const reference = namedReference({ name, snapshot: null });
  const image =
    from.layers < mostLayers
      ? await container.commit(reference, { changes })
      : await flatten(kiln, container, { reference, changes, architecture: from.architecture, mounted });
  if (!record.altered) await rememberVerified(kiln, image, key);
  return image;
}

/** An environment that many changes have made is written anew as one layer now and then. */
const mostLayers = 40;

/**
 * What lies in the temporary directories goes, but nothing that is mounted there: `-xdev` alone does not know it where the
 * engine's storage is on the same file system (the driver vfs).
 */
export function emptyTemporary(mounted: readonly string[]): string[] {
  const outside = mounted.flatMap((path) => {
    const pattern = path.replaceAll(/[*?[]/g, String.raw`\$&`);
    return ["-not", "-path", pattern, "-not", "-path", `${pattern}/*`];
  });
  return ["find", "/tmp", "/var/tmp", "-xdev", "-mindepth", "1", ...outside, "-delete"];
}

/** Removes an image that no name leads to any more; what stands on it keeps its layers. */
export async function removeUnnamed({ engine }: Kiln, { id }: Image): Promise<void> {
  const image = await engine.image(id);
  if (image !== null && image.references.length === 0) await engine.removeImage(id);
}

/** Waits until nobody else changes the environment of that name, and keeps others from it until disposed of. */
export async function claimName(kiln: Kiln, name: string, task: Task): Promise<Claim> {
  const claim = await claimUnlessFound<never>(kiln.store, "named", keyOf({ name }), kiln.signal, {
    find: () => Promise.resolve(null),
    waiting: () => task.note(`waiting for another debkiln that changes ${name}`),
  });
  if (claim instanceof Claim) return claim;
  throw new Failure("internal", "unexpected", "Something was found where nothing is looked for");
}
