import { type Digest, digestOf, isDigest } from "../../base/digest.ts";
import { Failure } from "../../base/failure.ts";
import { nearest } from "../../base/nearest.ts";
import type { Image } from "../../engine/engine.ts";
import type { Kiln } from "../kiln.ts";
import type { Lock } from "../lock.ts";
import { labels } from "../names.ts";
import { recallLock } from "../resolve.ts";
import { lockInLabels } from "./carried-lock.ts";
import { type EnvironmentName, formatName, nameInReference, namedReference } from "./name.ts";
import type { NamedPlace } from "./place.ts";
import { type NamedRecord, decodeRecord } from "./record.ts";

/** A named environment in the engine. */
export interface NamedEnvironment {
  readonly at: EnvironmentName;
  readonly image: Image;
  readonly record: NamedRecord;
  /** Of the environment that its lock describes. */
  readonly key: Digest;
  readonly lock: Digest;
}

/** How records have it. */
export function namedPlaceOf({ at, image }: NamedEnvironment): NamedPlace {
  return { name: formatName(at), image: image.id };
}

/** The named environment or snapshot, or null when there is none. @throws Failure environment-unreadable (infrastructure). */
export async function findNamed(kiln: Kiln, at: EnvironmentName): Promise<NamedEnvironment | null> {
  const image = await kiln.engine.image(namedReference(at));
  if (image === null) return null;
  const named = asNamed(at, image);
  if (named !== null) return named;
  throw new Failure(
    "infrastructure",
    "environment-unreadable",
    `The image ${namedReference(at)} has not the labels of a named environment`,
    { hint: `Something else made it. Remove it: debkiln env rm ${formatName(at)}` },
  );
}

/** The named environment or snapshot. @throws Failure no-such-environment (usage), environment-unreadable. */
export async function requireNamed(kiln: Kiln, at: EnvironmentName): Promise<NamedEnvironment> {
  return (await findNamed(kiln, at)) ?? (await missing(kiln, at));
}

/** All named environments and snapshots, by name; each environment before its snapshots, these in order of time. */
export async function listNamed(kiln: Kiln): Promise<readonly NamedEnvironment[]> {
  const images = await kiln.engine.images({ [labels.kind]: "named" });
  const found = images.flatMap((image) =>
    image.references.flatMap((reference) => {
      const at = nameInReference(reference);
      const named = at === null ? null : asNamed(at, image);
      return named === null ? [] : [named];
    }),
  );
  return found.toSorted(
    (a, b) =>
      compare(a.at.name, b.at.name) ||
      Number(a.at.snapshot !== null) - Number(b.at.snapshot !== null) ||
      a.image.created.getTime() - b.image.created.getTime() ||
      compare(a.at.snapshot ?? "", b.at.snapshot ?? ""),
  );
}

/** The lock of a named environment: from the store, or from the image's labels, which brings it back into the store; else null. */
export async function recallNamedLock(
  kiln: Pick<Kiln, "store">,
  { image, lock }: Pick<NamedEnvironment, "image" | "lock">,
): Promise<Lock | null> {
  return (await recallLock(kiln, lock)) ?? (await restoreLock(kiln, image, lock));
}

/** As `recallNamedLock`. @throws Failure lock-lost (infrastructure). */
export async function lockOf(
  kiln: Pick<Kiln, "store">,
  named: Pick<NamedEnvironment, "at" | "image" | "lock">,
): Promise<Lock> {
  const { at, lock } = named;
  const found = await recallNamedLock(kiln, named);
  if (found !== null) return found;
  throw new Failure(
    "infrastructure",
    "lock-lost",
    `The lock of ${formatName(at)} is neither in this cache nor in its image`,
    {
      hint: "Use the cache directory (cache_dir) that it was made with, or make it anew: debkiln env init --replace.",
      details: { lock },
    },
  );
}

/** The lock that the image carries goes by its digest, as the one in the store does: null when it is another. */
async function restoreLock(
  kiln: Pick<Kiln, "store">,
  image: Pick<Image, "labels">,
  lock: Digest,
): Promise<Lock | null> {
  const text = lockInLabels(image.labels);
  if (text === null || digestOf(text) !== lock) return null;
  await kiln.store.putBytes(text);
  return await recallLock(kiln, lock);
}

function asNamed(at: EnvironmentName, image: Image): NamedEnvironment | null {
  const record = decodeRecord(image.labels[labels.named]);
  const key = image.labels[labels.key] ?? "";
  const lock = image.labels[labels.lock] ?? "";
  return record === null || !isDigest(key) || !isDigest(lock) ? null : { at, image, record, key, lock };
}

async function missing(kiln: Kiln, at: EnvironmentName): Promise<never> {
  const known = (await listNamed(kiln)).map((each) => formatName(each.at));
  const near = nearest(formatName(at), known);
  const what = at.snapshot === null ? `environment ${at.name}` : `snapshot ${at.snapshot} of ${at.name}`;
  throw new Failure("usage", "no-such-environment", `There is no ${what}`, {
    hint:
      near !== null
        ? `Did you mean ${near}?`
        : at.snapshot === null
          ? `Make it: debkiln env init ${at.name}`
          : `\`debkiln snapshot list ${at.name}\` shows what there is.`,
  });
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
