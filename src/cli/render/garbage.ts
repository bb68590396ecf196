import { counted } from "../../base/counted.ts";
import { hexOf } from "../../base/digest.ts";
import { printableLine } from "../../base/printable.ts";
import { formatSize } from "../../base/size.ts";
import type { Collected } from "../../environment/gc.ts";
import { type Removal, sizeOf } from "../../environment/gc-plan.ts";

/** What a garbage collection removed, for people: images and sources one by one, downloads together. */
export function collectedText({ dryRun, removed, kept, freedBytes, leftovers, memos }: Collected): string {
  const verb = dryRun ? "would remove" : "removed";
  const blobs = removed.filter(({ garbage }) => "item" in garbage && garbage.item.kind === "blob");
  const others = removed.filter((each) => !blobs.includes(each));
  const blobBytes = blobs.reduce((sum, { garbage }) => sum + sizeOf(garbage), 0);
  return [
    ...others.map((each) => `${verb} ${titleOf(each)}, ${sizeText(each)}: ${each.reason}`),
    ...(blobs.length === 0
      ? []
      : [
          `${verb} ${counted(blobs.length, "download or record", "downloads and records")}, ${formatSize(blobBytes)}`,
        ]),
    ...kept.map((each) => `kept ${titleOf(each)}: it is in use`),
    ...(leftovers === 0 ? [] : [`${verb} ${counted(leftovers, "leftover")} of crashed runs`]),
    ...(memos === 0 ? [] : [`${verb} ${counted(memos, "stale memo")}`]),
    ...totalLines({ dryRun, removed, freedBytes, others: leftovers + memos }),
  ]
    .map((line) => `${printableLine(line)}\n`)
    .join("");
}

function totalLines(total: {
  readonly dryRun: boolean;
  readonly removed: readonly Removal[];
  readonly freedBytes: number;
  readonly others: number;
}): string[] {
  const { dryRun, removed, freedBytes, others } = total;
  if (removed.length === 0) return others === 0 ? ["There is nothing to remove"] : [];
  const amount = `${removed.length} ${dryRun ? "to remove" : "removed"}`;
  return [`${amount}, about ${formatSize(freedBytes)} ${dryRun ? "to be freed" : "freed"}`];
}

/** What a script needs to know of it. */
export function collectedRecord({ removed, kept, ...rest }: Collected) {
  return { ...rest, removed: removed.map(recordOf), kept: kept.map(recordOf) };
}

function recordOf({ garbage, reason }: Removal) {
  const sizeBytes = sizeOf(garbage);
  if ("item" in garbage) return { kind: garbage.item.kind, name: garbage.item.name, sizeBytes, reason };
  if ("volume" in garbage) {
    const { kind, key, target, name, volume } = garbage.volume;
    return { kind, key, target, name, volume, sizeBytes: null, reason };
  }
  const { kind, key, target, reference } = garbage.image;
  return { kind, key, target, reference, sizeBytes, reason };
}

function sizeText({ garbage }: Removal): string {
  return "volume" in garbage ? "size not known" : formatSize(sizeOf(garbage));
}

function titleOf({ garbage }: Removal): string {
  if ("item" in garbage) return `${garbage.item.kind} ${garbage.item.name}`;
  if ("volume" in garbage) return `${garbage.volume.name}, ${garbage.volume.target}`;
  const { kind, key, target } = garbage.image;
  return `${kind} ${hexOf(key).slice(0, 12)} of ${target}`;
}
