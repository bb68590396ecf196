import { printableLine } from "../../base/printable.ts";
import { formatSize } from "../../base/size.ts";
import type { BuiltImage } from "../../image/build/build-image.ts";
import type { Pushed } from "../../image/push.ts";

/** What became of a build's images. */
export interface Delivered {
  /** Of the manifest, or of the index of several architectures. */
  readonly digest: string;
  /** As the user wrote them. */
  readonly places: readonly string[];
  readonly pushed: Pushed | null;
}

/** The images that a build made, for people: what they are, how large, and where. */
export function builtImageText(built: readonly BuiltImage[], delivered: Delivered): string {
  const lines = built.flatMap((each) => [
    `${each.plan.name} ${each.plan.version} for ${each.plan.architecture}: ${each.image.descriptor.digest}`,
    `  ${each.lock.packages.length} packages, ${layersText(each)}`,
    ...(bootcOf(each) === null
      ? ["  without bootc, which Debian does not package: hosts cannot update themselves"]
      : []),
  ]);
  const { pushed } = delivered;
  return [
    ...lines,
    ...(built.length > 1 ? [`all together: ${delivered.digest}`] : []),
    ...delivered.places.map((place) => `  in ${place}`),
    ...(pushed === null ? [] : [`  pushed to ${pushed.reference}${sentText(pushed)}`]),
  ]
    .map((line) => `${line.startsWith("  ") ? "  " : ""}${printableLine(line)}\n`)
    .join("");
}

/** The same for machines. */
export function shownBuild(built: readonly BuiltImage[], delivered: Delivered): unknown {
  return {
    digest: delivered.digest,
    images: built.map(({ plan, image, lock, lockDigest, outcome, decisions, notes, lint }) => ({
      name: plan.name,
      version: plan.version,
      architecture: plan.architecture,
      digest: image.descriptor.digest,
      outcome,
      lock: lockDigest,
      packages: lock.packages.length,
      bootc: bootcOf({ lock }),
      layers: image.manifest.layers,
      decisions,
      notes,
      lints: lint?.results.map(({ lint: { name }, outcome }) => ({ name, outcome })) ?? null,
    })),
    places: delivered.places,
    pushed: delivered.pushed,
  };
}

/** The version of bootc in the image, or null. */
function bootcOf({ lock }: Pick<BuiltImage, "lock">): string | null {
  return lock.packages.find(({ name }) => name === "bootc")?.version ?? null;
}

function layersText({ image, outcome }: BuiltImage): string {
  const { layers } = image.manifest;
  const size = formatSize(layers.reduce((sum, { size }) => sum + size, 0));
  return `${layers.length} layers, ${size}${outcome === "unchanged" ? "; unchanged" : ""}`;
}

function sentText({ blobs, bytes }: Pushed): string {
  return blobs === 0 ? " (it had all parts)" : ` (${blobs} parts sent, ${formatSize(bytes)})`;
}
