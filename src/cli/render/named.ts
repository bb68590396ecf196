import { counted } from "../../base/counted.ts";
import { formatDuration } from "../../base/duration.ts";
import { printableLine } from "../../base/printable.ts";
import { formatSize } from "../../base/size.ts";
import type { Changed } from "../../environment/named/change.ts";
import type { NamedEnvironment } from "../../environment/named/find.ts";
import { formatName } from "../../environment/named/name.ts";
import type { Described } from "../../environment/named/show.ts";
import { targetName } from "../../environment/target.ts";
import { table } from "./table.ts";

/** What changed in an environment, for people. */
export function changedText(name: string, { changes }: Changed): string {
  if (changes.length === 0) return `${name} has that already: nothing changed\n`;
  return [...changes.map(printableLine), `${name}: ${counted(changes.length, "package")} changed`]
    .map((line) => `${line}\n`)
    .join("");
}

/** A named environment for people; its packages only on demand. */
export function namedText(described: Described, { all }: { readonly all: boolean }): string {
  const { named, lock, snapshots } = described;
  const { record, image } = named;
  const packages = lock === null ? "not known: its lock is not in this cache" : String(lock.packages.length);
  const rows = [
    ["target", targetName(record.target)],
    ["packages", packages],
    ["lock", record.altered ? `${named.lock}, but packages were changed by hand since` : named.lock],
    ["image", image.references.find((each) => each.includes("/named/")) ?? image.id],
    ["layers", String(image.layers)],
    ["size", formatSize(image.sizeBytes)],
    ["changed", image.created.toISOString()],
    ["snapshots", snapshots.length === 0 ? "none" : snapshots.join(" ")],
    ["history", record.changes.at(0) ?? ""],
    ...record.changes.slice(1).map((each) => ["", each]),
  ];
  const list =
    all && lock !== null ? lock.packages.map((each) => [each.name, each.version, each.architecture]) : [];
  return [
    table(["NAME", formatName(named.at)], rows),
    ...(list.length === 0 ? [] : ["\n", table(["PACKAGE", "VERSION", "ARCHITECTURE"], list)]),
  ].join("");
}

/** What a script needs of it. */
export function namedRecordOf({ named, lock, snapshots }: Described) {
  const { at, image, record, key } = named;
  return {
    name: at.name,
    snapshot: at.snapshot,
    target: targetName(record.target),
    key,
    image: image.id,
    parent: record.parent,
    altered: record.altered,
    history: record.changes,
    layers: image.layers,
    sizeBytes: image.sizeBytes,
    created: image.created,
    snapshots,
    lock,
  };
}

/** Snapshots as a table for people. */
export function snapshotsText(snapshots: readonly NamedEnvironment[], now: Date): string {
  if (snapshots.length === 0) return "There are no snapshots.\n";
  const rows = snapshots.map(({ at, image, record }) => [
    at.name,
    at.snapshot ?? "",
    `${formatDuration(now.getTime() - image.created.getTime())} ago`,
    record.changes.at(-1) ?? "",
  ]);
  return table(["NAME", "SNAPSHOT", "STATE OF", "LAST CHANGE"], rows);
}
