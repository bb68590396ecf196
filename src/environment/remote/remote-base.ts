import type { Digest } from "../../base/digest.ts";
import { type Task, throwIfAborted } from "../../base/event.ts";
import { asFailure } from "../../base/failure.ts";
import { debianArchitectureOf } from "../../debian/architecture.ts";
import type { Repository } from "../../debian/repository.ts";
import type { ImageConfig } from "../../oci/image-spec.ts";
import type { Base } from "../base-image.ts";
import { baseIndices } from "../base-indices.ts";
import { isPresent, latestKey } from "../base-memo.ts";
import type { BaseRequest } from "../base-recipe.ts";
import { importBase } from "../base-rootfs.ts";
import { requireRunnable } from "../emulation.ts";
import { withIndices } from "../indices.ts";
import type { Kiln } from "../kiln.ts";
import type { LockedRelease } from "../lock.ts";
import { imageReference, labels } from "../names.ts";
import { installedPackages, upgradable } from "../resolver.ts";
import type { Target } from "../target.ts";
import { targetName } from "../target.ts";
import { baseTag, latestBaseTag, type Offer } from "./remote-cache.ts";

/** What a base from elsewhere is compared with. */
export interface Standing {
  readonly repositories: readonly Repository[];
  readonly releases: readonly LockedRelease[];
  readonly task: Task;
}

/** A base that others have left, and where. */
export interface BroughtBase {
  readonly base: Base;
  /** By digest. */
  readonly origin: string;
}

/**
 * Brings a base into the engine that others have left: that of its key, else the newest of its target, when an upgrade would bring
 * nothing. Its packages are those that apt knows from the archive; one that has others is passed over. Null when there is none.
 */
export async function bringBase(
  kiln: Kiln,
  wanted: BaseRequest,
  key: Digest,
  standing: Standing,
): Promise<BroughtBase | null> {
  for await (const { offer, isNewest } of offersOf(kiln, wanted, key, standing.task)) {
    const base = await take(kiln, wanted, standing, { offer, isNewest });
    if (base !== null) return { base, origin: offer.origin };
  }
  return null;
}

/** Where a base could be had, by digest; null when nobody has it. */
export async function findRemoteBase(
  kiln: Kiln,
  wanted: BaseRequest,
  key: Digest,
  task: Task,
): Promise<string | null> {
  for await (const { offer } of offersOf(kiln, wanted, key, task)) return offer.origin;
  return null;
}

/** Leaves a base for others, under its key and as its target's newest. */
export function contributeBase(kiln: Kiln, wanted: BaseRequest, key: Digest, { digest }: Base): void {
  if (wanted.recipe.purpose !== "build") return;
  const reference = imageReference("base", digest);
  const labelled = (of: Digest) => () => ({
    [labels.kind]: "base",
    [labels.key]: of,
    [labels.target]: targetName(wanted.target),
  });
  const { architecture } = wanted.target;
  for (const { tag, of, isNewest } of placesOf(wanted, key))
    kiln.remote?.contribute({
      tag,
      reference,
      labels: labelled(of),
      base: { digest, architecture, isNewest },
    });
}

/** The digest of the base that an image is, or why it is none. */
export function baseIn(
  config: ImageConfig,
  key: Digest,
  { architecture }: Pick<Target, "architecture">,
): { readonly digest: Digest } | { readonly why: string } {
  const { diff_ids: layers } = config.rootfs;
  const [digest] = layers;
  const own = config.config?.Labels ?? {};
  if (own[labels.kind] !== "base" || own[labels.key] !== key)
    return { why: "its labels name something else" };
  if (debianArchitectureOf(config.architecture, config.variant) !== architecture)
    return { why: `it is not for ${architecture}` };
  if (digest === undefined || layers.length > 1) return { why: `a base has one layer, not ${layers.length}` };
  return { digest };
}

interface BaseOffer {
  readonly offer: Offer & { readonly digest: Digest };
  readonly isNewest: boolean;
}

async function* offersOf(
  kiln: Kiln,
  wanted: BaseRequest,
  key: Digest,
  task: Task,
): AsyncGenerator<BaseOffer> {
  if (wanted.recipe.purpose !== "build" || kiln.remote === undefined) return;
  for (const { tag, of, isNewest } of placesOf(wanted, key)) {
    for await (const offer of kiln.remote.offers(tag, task)) {
      const found = baseIn(offer.config, of, wanted.target);
      if ("digest" in found) yield { offer: { ...offer, ...found }, isNewest };
      else offer.passOver(found.why, task);
    }
  }
}

/** Under which tags a base lies, and what its key label is there. */
function placesOf(wanted: BaseRequest, key: Digest) {
  const newest = latestKey(wanted);
  return [
    { tag: baseTag(key), of: key, isNewest: false },
    { tag: latestBaseTag(newest), of: newest, isNewest: true },
  ];
}

/** A base's name says what bytes it has, so that it may bear it before more is known of it. */
async function take(
  kiln: Kiln,
  { target }: BaseRequest,
  { repositories, releases, task }: Standing,
  { offer, isNewest }: BaseOffer,
): Promise<Base | null> {
  const { digest } = offer;
  const bare: Base = { digest, repositories, packages: [] };
  const wasThere = await isPresent(kiln, bare);
  try {
    return await task.step("take-base", `Take the base from ${offer.origin}`, async (step) => {
      await requireRunnable(await kiln.engine.about(), target.architecture);
      const { suite, architecture } = target;
      if (!wasThere) await importBase(kiln, { base: digest, suite, architecture }, offer.rootfs(), step);
      const { packages, moved } = await withIndices(
        kiln,
        baseIndices(target, bare, releases, step),
        async (container) => ({
          packages: await installedPackages(kiln, container),
          moved: await upgradable(kiln, container),
        }),
      );
      if (moved.length === 0) {
        step.summary = `${packages.length} packages`;
        return { ...bare, packages };
      }
      const names = moved.slice(0, 5).join(", ");
      if (isNewest) step.summary = `newer in the archive: ${names}`;
      else offer.passOver(`it has other packages than the archive: ${names}`, step);
      return await forget(kiln, digest, wasThere);
    });
  } catch (thrown) {
    throwIfAborted(kiln.signal);
    offer.passOver(asFailure(thrown).message, task);
    return await forget(kiln, digest, wasThere);
  }
}

async function forget(kiln: Kiln, digest: Digest, wasThere: boolean): Promise<null> {
  if (!wasThere) await kiln.engine.removeImage(imageReference("base", digest));
  return null;
}
