import { z } from "zod";
import { type Digest, isDigest } from "../base/digest.ts";
import { storedMemos } from "../store/inventory.ts";
import { Base } from "./base-image.ts";
import type { Image } from "../engine/engine.ts";
import type { Kiln } from "./kiln.ts";
import { type KeptKind, imageKinds, imageReference, keyInReference, labels } from "./names.ts";
import { formatName, nameInReference } from "./named/name.ts";
import { recallLock } from "./resolve.ts";

/** An image that debkiln made and keeps in the engine. */
export interface KeptImage {
  readonly kind: KeptKind;
  /** Of its reference; of a named environment and of an image that has lost its reference, its id. */
  readonly key: Digest;
  readonly reference: string;
  readonly isNamed: boolean;
  /** A target's name, or for a failed build the build's. */
  readonly target: string;
  /** Digest of the base that it stands on; null for a base. */
  readonly base: Digest | null;
  readonly lock: Digest | null;
  readonly scope: string | null;
  /** Of a named environment or snapshot: what people call it. */
  readonly name?: string;
  /** Beyond its base's, as far as the engine tells: environments that were made from one another share more. */
  readonly sizeBytes: number;
  readonly created: Date;
  /** A base is used with whatever stands on it. */
  readonly lastUsed: Date;
}

/** All images of ours in the engine, last used first. */
export async function keptImages(kiln: Kiln): Promise<readonly KeptImage[]> {
  const images = await kiln.engine.images({ [labels.kind]: "" });
  const sizes = new Map(images.flatMap((image) => image.references.map((each) => [each, image.sizeBytes])));
  const kept = await Promise.all(images.flatMap((image) => keptAs(kiln, image, sizes)));
  return kept
    .map((image) => (image.kind === "base" ? { ...image, lastUsed: lastUseOfBase(image, kept) } : image))
    .toSorted((a, b) => b.lastUsed.getTime() - a.lastUsed.getTime());
}

/** Images with how many packages are in each, or null when that is not known (any more). */
export async function countPackages(
  kiln: Kiln,
  images: readonly KeptImage[],
): Promise<readonly (KeptImage & { readonly packages: number | null })[]> {
  const memos = (await storedMemos(kiln.store)).filter(({ kind }) => kind === "base");
  const bases = memos.flatMap(({ text }) => Base.safeParse(JSON.parse(text)).data ?? []);
  const counts = new Map(bases.map(({ digest, packages }) => [digest, packages.length]));
  return Promise.all(
    images.map(async (image) => {
      const { kind, key, lock } = image;
      if (kind === "base") return { ...image, packages: counts.get(key) ?? null };
      const known = lock === null ? null : await recallLock(kiln, lock);
      return { ...image, packages: known?.packages.length ?? null };
    }),
  );
}

/** When an image was last used by the store's record, or null when there is none. */
export async function lastUse(kiln: Kiln, key: Digest): Promise<Date | null> {
  const used = await kiln.store.peek("used", key, Used);
  return used === null ? null : new Date(used.time);
}

const Used = z.strictObject({ time: z.number() });

/** An image has as many entries as it has references of ours. */
function keptAs(kiln: Kiln, image: Image, sizes: ReadonlyMap<string, number>): Promise<KeptImage>[] {
  const kind = keptKinds.find((each) => each === image.labels[labels.kind]);
  if (kind === undefined) return [];
  const named = image.references.flatMap((reference) => namesIn(kind, image, reference));
  const names =
    named.length > 0 || image.references.length > 0
      ? named
      : [{ key: image.id, reference: image.id, isNamed: false }];
  return names.map(async (name) => ({ ...name, ...(await describe(kiln, kind, image, name.key, sizes)) }));
}

function namesIn(kind: KeptKind, image: Image, reference: string) {
  if (kind === "named") {
    const at = nameInReference(reference);
    return at === null ? [] : [{ key: image.id, reference, isNamed: true, name: formatName(at) }];
  }
  const key = keyInReference(kind, reference);
  return key === null ? [] : [{ key, reference, isNamed: true }];
}

const keptKinds = [...imageKinds, "named"] as const;

async function describe(
  kiln: Kiln,
  kind: KeptKind,
  image: Image,
  key: Digest,
  sizes: ReadonlyMap<string, number>,
) {
  const base = kind === "base" ? null : digestIn(image.labels[labels.base]);
  const below = base === null ? 0 : (sizes.get(imageReference("base", base)) ?? 0);
  const used = await lastUse(kiln, key);
  return {
    kind,
    target: image.labels[kind === "failed" ? labels.key : labels.target] ?? "",
    base,
    lock: digestIn(image.labels[labels.lock]),
    scope: image.labels[labels.scope] ?? null,
    sizeBytes: Math.max(0, image.sizeBytes - below),
    created: image.created,
    lastUsed: used === null || used < image.created ? image.created : used,
  };
}

function lastUseOfBase(base: KeptImage, all: readonly KeptImage[]): Date {
  const uses = all.filter((each) => each.base === base.key).map(({ lastUsed }) => lastUsed.getTime());
  return new Date(Math.max(base.lastUsed.getTime(), ...uses));
}

function digestIn(text: string | undefined): Digest | null {
  return text !== undefined && isDigest(text) ? text : null;
}
