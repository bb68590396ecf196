import { randomBytes } from "node:crypto";
import { type Digest, hexOf } from "../base/digest.ts";
import { thisProcess } from "../base/process-identity.ts";
import { labelChange } from "../engine/quirks.ts";
import type { Kiln } from "./kiln.ts";

/** The kinds of image that debkiln keeps in an engine. */
export const imageKinds = ["base", "index", "environment", "failed", "imported"] as const;
export type ImageKind = (typeof imageKinds)[number];
/** Those whose references have a key, and named environments. */
export type KeptKind = ImageKind | "named";

/** An image's reference: made of its kind and key, so that looking it up is asking the engine for its name. */
export function imageReference(kind: ImageKind, key: Digest): string {
  return `localhost/debkiln/${kind}:${hexOf(key)}`;
}

/** The key in a reference of ours, or null when it is none. */
export function keyInReference(kind: ImageKind, reference: string): Digest | null {
  const [, hex] = new RegExp(`/debkiln/${kind}:([0-9a-f]{64})$`).exec(reference) ?? [];
  return hex === undefined ? null : `sha256:${hex}`;
}

/** An image between the steps of another: what a run's step begins from, or what it came to. */
export function stepReference(run: string, number: number, part: "base" | "made"): string {
  return `localhost/debkiln/step:${run}-${number}-${part}`;
}

/** The run in a reference of `stepReference`'s, or null when it is none. */
export function runInStepReference(reference: string): string | null {
  return /(?:^|\/)debkiln\/step:([0-9a-f]+)-[0-9]+-[a-z]+$/.exec(reference)?.[1] ?? null;
}

export const labels = {
  kind: "debkiln.kind",
  key: "debkiln.key",
  base: "debkiln.base",
  lock: "debkiln.lock",
  target: "debkiln.target",
  /** Of an index image: the same for all states of the same archive, so that the newest supersedes the others. */
  scope: "debkiln.scope",
  /** Of a named environment: its record. */
  named: "debkiln.named",
  /** Of a build that was kept: the absolute path of its tree. */
  tree: "debkiln.tree",
  run: "debkiln.run",
  process: "debkiln.process",
  /** Of a volume: what people call it. */
  cacheName: "debkiln.cache-name",
  created: "debkiln.created",
} as const;

/** Labels of a container of this run: by them a crashed run's leftovers are found. */
export function containerLabels(kiln: Kiln, purpose: string): Record<string, string> {
  return {
    [labels.kind]: purpose,
    [labels.run]: kiln.run,
    [labels.process]: thisProcess(),
    [labels.created]: new Date().toISOString(),
  };
}

/** The `LABEL` instructions of an image of ours. @throws Failure bad-label (internal). */
export function imageChanges(kind: KeptKind, values: Readonly<Record<string, string>>): string[] {
  const all = { [labels.kind]: kind, [labels.created]: new Date().toISOString(), ...values };
  return Object.entries(all).map(([name, value]) => labelChange(name, value));
}

/** A container name that no other has: its purpose, the run, and chance. */
export function containerName(kiln: Kiln, purpose: string): string {
  return `debkiln-${purpose}-${kiln.run}-${randomBytes(4).toString("hex")}`;
}
