import { formatDuration } from "../../base/duration.ts";
import { formatSize } from "../../base/size.ts";
import { hexOf } from "../../base/digest.ts";
import type { KeptImage } from "../../environment/images.ts";
import { table } from "./table.ts";

/** An image and how many packages are in it, as far as is known. */
export interface ListedImage extends KeptImage {
  readonly packages: number | null;
}

const head = ["KIND", "TARGET", "KEY OR NAME", "PACKAGES", "SIZE", "CREATED", "LAST USED"];

/** Images as a table for people. */
export function imagesText(images: readonly ListedImage[], now: Date): string {
  if (images.length === 0) return "No environments are cached. The first build makes one.\n";
  const rows = images.map(({ kind, target, key, name, packages, sizeBytes, created, lastUsed }) => [
    kind,
    target,
    name ?? hexOf(key).slice(0, 12),
    packages === null ? "" : String(packages),
    formatSize(sizeBytes),
    ago(created, now),
    ago(lastUsed, now),
  ]);
  return table(head, rows);
}

/** What a script needs of an image. */
export function imageRecord({
  kind,
  target,
  key,
  name,
  reference,
  base,
  packages,
  sizeBytes,
  created,
  lastUsed,
}: ListedImage) {
  return { kind, target, name: name ?? null, key, reference, base, packages, sizeBytes, created, lastUsed };
}

function ago(time: Date, now: Date): string {
  return `${formatDuration(now.getTime() - time.getTime())} ago`;
}
