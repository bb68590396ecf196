import type { KeyObject } from "node:crypto";
import { Readable } from "node:stream";
import type { Digest } from "../base/digest.ts";
import { type Task, throwIfAborted } from "../base/event.ts";
import { Failure, asFailure } from "../base/failure.ts";
import type { Contribution, Loaded, Offer, RemoteCache } from "../environment/remote/remote-cache.ts";
import type { Descriptor } from "../oci/image-spec.ts";
import { openLayer } from "../oci/open-layer.ts";
import { readImage } from "../oci/read-image.ts";
import { formatReference, parseReference, type Reference } from "../oci/reference.ts";
import { Repository } from "../oci/registry/repository.ts";
import type { SigningKey } from "../oci/signature/key.ts";
import { unpackLayers } from "../oci/unpack-layers.ts";
import { withLabels } from "../oci/with-labels.ts";
import { type Carriage, contribute, ownScratch } from "./contribute.ts";
import type { SourcedImage } from "./open-image.ts";
import { loadImage } from "./save.ts";
import { verifyImage } from "./verify.ts";

/** Which repositories are a command's cache, and how they are reached. */
export interface RegistryCacheOptions extends Omit<Carriage, "signingKey" | "isRefused" | "known"> {
  /** Repositories that are asked one after the other, and the key that must have signed what comes from there; null to take nothing. */
  readonly taking: { readonly from: readonly Reference[]; readonly key: KeyObject } | null;
  /** Where what was made goes, and what signs it; null to leave nothing. */
  readonly leaving: { readonly to: Reference; readonly key: SigningKey } | null;
}

/**
 * Repositories of registries in which bases and environments lie under the tags of their keys. A cache is never needed: what fails
 * with it is a warning, and a registry that does not answer is not asked again.
 */
export class RegistryCache implements RemoteCache {
  private readonly options: RegistryCacheOptions;
  private readonly contributions = new Map<string, Contribution>();
  private readonly silent = new Set<string>();
  /** Layers that the repository to push to has, by diff id. */
  private readonly known = new Map<Digest, Descriptor>();
  /** Tags under which something wrong lies, which may be put right. */
  private readonly refused = new Set<string>();

  constructor(options: RegistryCacheOptions) {
    this.options = options;
  }

  async *offers(tag: string, task: Task): AsyncGenerator<Offer> {
    const { taking } = this.options;
    for (const repository of taking?.from ?? []) {
      if (taking === null || this.silent.has(formatReference(repository))) continue;
      const offer = await this.ask({ ...repository, tag, digest: null }, taking.key, task);
      if (offer !== null) yield offer;
    }
  }

  contribute(contribution: Contribution): void {
    this.contributions.set(contribution.tag, contribution);
  }

  /** Pushes what was contributed and is not there. Only a signal that ends it makes it fail. */
  async pushContributions(task: Task): Promise<void> {
    const { leaving } = this.options;
    if (leaving === null) return;
    const { to, key: signingKey } = leaving;
    for (const contribution of basesLast([...this.contributions.values()])) {
      const place = { ...to, tag: contribution.tag, digest: null };
      if (this.silent.has(formatReference(to))) return;
      try {
        const isRefused = this.refused.has(formatReference(place));
        const carriage = { ...this.options, signingKey, isRefused, known: this.known };
        await contribute(contribution, place, carriage, task);
      } catch (thrown) {
        throwIfAborted(this.options.access.signal);
        const { message, hint } = asFailure(thrown);
        task.warn(`Not pushed to ${formatReference(place)}: ${message}`, hint);
        this.dismiss(to, thrown);
      }
    }
  }

  private async ask(place: Reference, key: KeyObject, task: Task): Promise<Offer | null> {
    const { access } = this.options;
    const passOver = (why: string, at: Task) => {
      this.refused.add(formatReference(place));
      at.warn(`${formatReference(place)} is passed over: ${why}`, passedOverHint);
    };
    try {
      const repository = new Repository(place, { access, rights: "pull" });
      const found = await repository.findManifest(place.tag ?? "");
      if (found === null) return null;
      const { descriptor } = found;
      await verifyImage({ ...place, digest: descriptor.digest }, key, access, task);
      const image = await readImage(repository, descriptor);
      return this.offer({ source: repository, image }, { repository, passOver });
    } catch (thrown) {
      throwIfAborted(access.signal);
      const { message, hint } = asFailure(thrown);
      if (this.dismiss({ ...place, tag: null }, thrown)) task.warn(`Nothing comes from it: ${message}`, hint);
      else passOver(message, task);
      return null;
    }
  }

  private offer(
    { source, image }: SourcedImage,
    { repository, passOver }: { readonly repository: Repository; readonly passOver: Offer["passOver"] },
  ): Offer {
    const { connect, access, scratch, leaving } = this.options;
    const { config, manifest } = image;
    return {
      origin: repository.nameOf(image.descriptor.digest),
      config,
      passOver,
      load: async ({ reference, labels }: Loaded, task) => {
        const { architecture: oci, variant, os, rootfs } = config;
        const bare = { architecture: oci, ...(variant === undefined ? {} : { variant }), os, rootfs };
        await using directory = await ownScratch({ scratch });
        const plain = await task.step("layers", "Fetch its layers", () =>
          unpackLayers(source, image, directory.path, access.signal),
        );
        const relabelled = withLabels(plain.source, { ...plain.image, config: bare }, labels);
        await using engine = await connect();
        const to = parseReference(reference);
        await loadImage(relabelled, to, engine, task, access.signal);
        const loaded = await engine.image(reference);
        if (loaded === null) throw gone(reference);
        return loaded;
      },
      rootfs: () => {
        const [layer] = manifest.layers;
        const [diffId] = config.rootfs.diff_ids;
        if (layer === undefined || diffId === undefined) return Readable.from([]);
        const target = leaving?.to;
        const isTarget = target?.registry === repository.registry && target.repository === repository.name;
        const read = () => {
          if (isTarget) this.known.set(diffId, layer);
        };
        return Readable.from(toldAtEnd(openLayer(source, layer, diffId), read), { objectMode: false });
      },
    };
  }

  /** Whether a failure is of the registry, and not of what lies there: it is asked no more then. */
  private dismiss(repository: Reference, thrown: unknown): boolean {
    const { code } = asFailure(thrown);
    if (!/^registry-|^bad-registry-answer$|credential/.test(code)) return false;
    this.silent.add(formatReference(repository));
    return true;
  }
}

/** An environment's bottom layer is its base: the engine need not hand that out a second time. */
function basesLast(contributions: readonly Contribution[]): readonly Contribution[] {
  return contributions.toSorted((a, b) => Number(a.base !== undefined) - Number(b.base !== undefined));
}

async function* toldAtEnd<T>(chunks: AsyncIterable<T>, ended: () => void): AsyncGenerator<T> {
  yield* chunks;
  ended();
}

const passedOverHint =
  "What it holds is made here instead. See who may push there; --cache-to puts another in its place.";

function gone(reference: string): Failure {
  return new Failure(
    "infrastructure",
    "image-missing",
    `${reference} was removed from the engine meanwhile`,
    {
      hint: "Try again.",
    },
  );
}
