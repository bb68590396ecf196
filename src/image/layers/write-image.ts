import { availableParallelism } from "node:os";
import { type Digest, canonicalJson, digestOf } from "../../base/digest.ts";
import type { Task } from "../../base/event.ts";
import { inParallel } from "../../base/in-parallel.ts";
import { formatSize } from "../../base/size.ts";
import type { BlobSource } from "../../oci/blob-source.ts";
import { type Descriptor, type ImageConfig, type ImageManifest, mediaTypes } from "../../oci/image-spec.ts";
import { compareBytes } from "../../oci/raw-text.ts";
import type { ReadImage } from "../../oci/read-image.ts";
import type { Store } from "../../store/store.ts";
import type { Tree } from "../tree/tree.ts";
import { TreeView } from "../tree/view.ts";
import { annotationsOf, planOf } from "./annotations.ts";
import { changeRatesOf } from "./change-rate.ts";
import { type Component, systemComponents } from "./component.ts";
import { componentsOf } from "./components.ts";
import type { LayerCompression } from "./encoder.ts";
import { type ChosenPlan, type PlanChoice, choosePlan } from "./keep-plan.ts";
import { type LayerBlob, layerBlob } from "./layer-blob.ts";
import { layerEntries } from "./layer-entries.ts";
import type { PlannedLayer } from "./plan.ts";
import { storedSource } from "./stored-source.ts";

/** A root filesystem to be made an image of. */
export interface ImageRequest {
  readonly tree: Tree;
  /** What the image is for and runs as: everything but its layers. */
  readonly config: Pick<ImageConfig, "created" | "architecture" | "os" | "variant" | "config">;
  /** Of the manifest. */
  readonly annotations: Readonly<Record<string, string>>;
  /** Paths that the definition itself puts in place: they are apart from the packages, so that they change without them. */
  readonly definitionPaths?: ReadonlySet<string>;
  readonly budget: number;
  readonly compression: LayerCompression;
  readonly repack?: PlanChoice["repack"];
  /** What hosts have now. Its plan is kept, and its blobs are used again. */
  readonly previous: PreviousImage | null;
}

export interface PreviousImage {
  readonly image: ReadImage;
  readonly source: BlobSource;
}

/** An image whose parts are in the store, or with the image before. */
export interface WrittenImage {
  /** Of the manifest, with its platform. */
  readonly descriptor: Descriptor;
  readonly manifest: ImageManifest;
  readonly config: ImageConfig;
  readonly layers: readonly WrittenLayer[];
  readonly plan: ChosenPlan;
  /** Has all parts. */
  readonly source: BlobSource;
}

export interface WrittenLayer extends LayerBlob {
  readonly planned: PlannedLayer;
}

/**
 * Makes an image of a tree: divides it into layers, writes those that are not there yet, then configuration and manifest, all
 * into the store. The same request gives the same digest; nothing of the time or the machine is in it.
 * @throws Failure special-file, bad-control-data (package), file-changed, disk-full (infrastructure).
 */
export async function writeImage(
  request: ImageRequest,
  { store, signal }: { readonly store: Store; readonly signal: AbortSignal },
  task: Task,
): Promise<WrittenImage> {
  const { tree, previous } = request;
  const components = await componentsOf(tree, request.definitionPaths);
  const plan = await planFor(request, components);
  announce(plan, previous, task);
  const layers = await writeLayers(request, components, plan.plan.layers, { store, signal }, (done, total) =>
    task.progress(done, total, "bytes"),
  );
  const config = configOf(request, layers);
  const manifest = manifestOf(request, layers, await putJson(store, config, mediaTypes.config));
  const descriptor = await putJson(store, manifest, mediaTypes.manifest);
  task.summary = summaryOf(layers, previous);
  const { architecture, os, variant } = config;
  const platform = { architecture, os, ...(variant === undefined ? {} : { variant }) };
  const source = storedSource(store, previous?.source ?? null);
  return { descriptor: { ...descriptor, platform }, manifest, config, layers, plan, source };
}

/**
 * Writes the layers of a tree that lacks nothing but its initramfs, while that is made: `writeImage` then finds them in the
 * store. How the image will be divided is guessed by an initramfs of common size; a wrong guess costs work and nothing else.
 * @throws Failure what `writeImage` raises.
 */
export async function writeLayersAhead(
  request: ImageRequest,
  { store, signal }: { readonly store: Store; readonly signal: AbortSignal },
): Promise<void> {
  const components = await componentsOf(request.tree, request.definitionPaths);
  const later: Component = {
    name: systemComponents.initramfs,
    paths: [],
    latest: 0,
    packages: [],
    sizeBytes: commonInitramfs,
  };
  const all = [...components, later].toSorted((a, b) => compareBytes(a.name, b.name));
  const { plan } = await planFor(request, all);
  const ready = plan.layers.filter((layer) => !layer.components.includes(later.name));
  await writeLayers(request, components, ready, { store, signal }, () => {});
}

const commonInitramfs = 32 * 1024 * 1024;

async function planFor(request: ImageRequest, components: readonly Component[]): Promise<ChosenPlan> {
  const { tree, budget, previous, repack = "when-it-pays" } = request;
  const rates = await changeRatesOf(components, new TreeView(tree));
  return choosePlan(components, rates, {
    budget,
    previous: previous === null ? null : planOf(previous.image.manifest),
    repack,
  });
}

function announce({ origin, reason }: ChosenPlan, previous: PreviousImage | null, task: Task): void {
  if (origin === "repacked") task.note(`The layers are divided anew: ${reason}`);
  if (origin === "fresh" && previous !== null) {
    task.warn(
      "The image before was not layered by debkiln: hosts will fetch all layers once",
      "Updates of the image that is made now are small again.",
    );
  }
}

/** Some layers at a time, large ones first; Node compresses them beside each other. */
async function writeLayers(
  { tree, compression, previous }: ImageRequest,
  components: readonly Component[],
  planned: readonly PlannedLayer[],
  { store, signal }: { readonly store: Store; readonly signal: AbortSignal },
  progress: (done: number, total: number) => void,
): Promise<readonly WrittenLayer[]> {
  const byName = new Map(components.map((each) => [each.name, each]));
  const membersOf = (layer: PlannedLayer) => layer.components.flatMap((name) => byName.get(name) ?? []);
  const sizeOf = (layer: PlannedLayer) => membersOf(layer).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const total = planned.reduce((sum, layer) => sum + sizeOf(layer), 0);
  const before = descriptorsOf(previous);
  const written = new Map<PlannedLayer, WrittenLayer>();
  let done = 0;
  await inParallel(
    planned.toSorted((a, b) => sizeOf(b) - sizeOf(a)),
    Math.min(4, availableParallelism()),
    signal,
    async (layer) => {
      const entries = layerEntries(tree, membersOf(layer));
      const blob = await layerBlob(store, entries, compression, before, signal);
      written.set(layer, { ...blob, planned: layer });
      progress((done += sizeOf(layer)), total);
    },
  );
  return planned.flatMap((layer) => written.get(layer) ?? []);
}

/** The image before's layers by what is in them. */
function descriptorsOf(previous: PreviousImage | null): ReadonlyMap<Digest, Descriptor> {
  if (previous === null) return new Map();
  const { manifest, config } = previous.image;
  return new Map(
    manifest.layers.flatMap((layer, at) => {
      const diffId = config.rootfs.diff_ids[at];
      return diffId === undefined ? [] : [[diffId, layer] as const];
    }),
  );
}

function configOf({ config }: ImageRequest, layers: readonly WrittenLayer[]): ImageConfig {
  const { created } = config;
  return {
    ...config,
    rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
    history: layers.map(({ planned }) => ({
      ...(created === undefined ? {} : { created }),
      created_by: `debkiln: ${planned.name}`,
      comment: planned.components.join(", "),
    })),
  };
}

function manifestOf(
  { annotations }: ImageRequest,
  layers: readonly WrittenLayer[],
  config: Descriptor,
): ImageManifest {
  return {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config,
    layers: layers.map(({ descriptor, planned }) => ({ ...descriptor, annotations: annotationsOf(planned) })),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  };
}

async function putJson(store: Store, value: unknown, mediaType: string): Promise<Descriptor> {
  const text = canonicalJson(value);
  await store.putBytes(text);
  return { mediaType, digest: digestOf(text), size: Buffer.byteLength(text) };
}

/** What hosts with the image before will fetch; without one, they fetch everything. */
function summaryOf(layers: readonly WrittenLayer[], previous: PreviousImage | null): string {
  const size = (of: readonly WrittenLayer[]) =>
    formatSize(of.reduce((sum, { descriptor }) => sum + descriptor.size, 0));
  const all = `${layers.length} layers, ${size(layers)}`;
  const fresh = layers.filter(({ origin }) => origin !== "previous");
  return previous === null ? all : `${all}; ${fresh.length} of them new, ${size(fresh)}`;
}
