import { rm } from "node:fs/promises";
import type { Digest } from "../base/digest.ts";
import type { Task } from "../base/event.ts";
import { architecture as debianArchitecture } from "../debian/architecture.ts";
import type { Engine } from "../engine/engine.ts";
import type { Contribution } from "../environment/remote/remote-cache.ts";
import { compressLayers } from "../oci/compress-layers.ts";
import { type Descriptor, type ImageConfig, mediaTypes } from "../oci/image-spec.ts";
import { MemoryBlobs } from "../oci/memory-blobs.ts";
import { readImage } from "../oci/read-image.ts";
import { formatReference, type Reference } from "../oci/reference.ts";
import type { RegistryAccess } from "../oci/registry/connection.ts";
import { Repository } from "../oci/registry/repository.ts";
import type { SigningKey } from "../oci/signature/key.ts";
import { withLabels } from "../oci/with-labels.ts";
import { openImage, type SourcedImage } from "./open-image.ts";
import { pushImage } from "./push.ts";
import { signatureForms, signing } from "./sign.ts";

/** With what a contribution is brought to its place. */
export interface Carriage {
  /** Signs what is pushed. */
  readonly signingKey: SigningKey;
  readonly access: RegistryAccess;
  readonly connect: () => Promise<Engine>;
  /** A new directory of the caller's, for what the engine hands out. */
  readonly scratch: () => Promise<string>;
  /** Whether what is there has been refused, and makes way. */
  readonly isRefused: boolean;
  /** Layers that the repository has, by diff id; what is pushed is added. */
  readonly known: Map<Digest, Descriptor>;
}

/**
 * Pushes an image of the engine under its tag, signed first; nothing when something is there.
 * @throws Failure registry-* and what engines and disks raise (infrastructure).
 */
export async function contribute(
  contribution: Contribution,
  to: Reference,
  carriage: Carriage,
  task: Task,
): Promise<void> {
  if (!carriage.isRefused && (await isThere(contribution, to, carriage))) return;
  await using engine = await carriage.connect();
  // It could not be kept, of which a warning has told.
  if ((await engine.image(contribution.reference)) === null) return;
  await task.step("share", `Share ${formatReference(to)}`, async (step) => {
    await using scratch = await ownScratch(carriage);
    const { access, signingKey, known } = carriage;
    const opened = knownBase(contribution, known) ?? (await packed(contribution, scratch.path, carriage));
    const { source, image } = withLabels(opened.source, opened.image, contribution.labels());
    const accompany = [signing(signingKey, signatureForms)];
    await pushImage({ source, image, to, moved: "overwrite", accompany }, access, step);
    const { config, manifest } = opened.image;
    for (const [at, layer] of manifest.layers.entries()) {
      const diffId = config.rootfs.diff_ids[at];
      if (diffId !== undefined) known.set(diffId, layer);
    }
  });
}

async function isThere(
  { base, tag }: Contribution,
  to: Reference,
  { access }: Pick<Carriage, "access">,
): Promise<boolean> {
  const repository = new Repository(to, { access, rights: "push" });
  if (base?.isNewest !== true) return (await repository.findDigest(tag)) !== null;
  const found = await repository.findManifest(tag);
  if (found === null) return false;
  const { config } = await readImage(repository, found.descriptor);
  return config.rootfs.diff_ids[0] === base.digest;
}

/** The image of a base whose layer the repository has: nothing of it is needed from the engine, nor compressed. */
function knownBase({ base }: Contribution, known: Carriage["known"]): SourcedImage | null {
  const layer = base === undefined ? undefined : known.get(base.digest);
  if (base === undefined || layer === undefined) return null;
  const { oci } = debianArchitecture(base.architecture);
  const rootfs = { type: "layers" as const, diff_ids: [base.digest] };
  const config: ImageConfig = { ...oci, os: "linux", rootfs };
  const source = new MemoryBlobs();
  const described = source.add(mediaTypes.config, JSON.stringify(config));
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: described,
    layers: [layer],
  } as const;
  const descriptor = source.add(mediaTypes.manifest, JSON.stringify(manifest));
  return { source, image: { descriptor, manifest: { ...manifest, layers: [layer] }, config } };
}

async function packed(
  { reference }: Contribution,
  scratch: string,
  carriage: Carriage,
): Promise<SourcedImage> {
  const { access, connect, known } = carriage;
  const { signal } = access;
  const openers = { scratch, platform: null, connect, registry: async () => access, signal };
  const opened = await openImage(`containers-storage:${reference}`, openers);
  return await compressLayers(opened.source, opened.image, scratch, signal, known);
}

/** A scratch directory that goes with its scope. */
export async function ownScratch({
  scratch,
}: Pick<Carriage, "scratch">): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await scratch();
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
