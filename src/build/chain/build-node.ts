import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Report, Task } from "../../base/event.ts";
import type { Digest } from "../../base/digest.ts";
import type { Failure } from "../../base/failure.ts";
import { asFailure } from "../../base/failure.ts";
import { nullIfMissing } from "../../base/system-error.ts";
import { buildRecipe } from "../../environment/base-recipe.ts";
import { ensureBase } from "../../environment/base.ts";
import type { Kiln } from "../../environment/kiln.ts";
import { environmentKey } from "../../environment/lock.ts";
import { isOpenEnded } from "../../environment/provisions.ts";
import { resolve } from "../../environment/resolve.ts";
import { addPackages } from "../../repository/add.ts";
import type { BinaryEntry } from "../../repository/content.ts";
import type { LocalRepository } from "../../repository/settings.ts";
import type { Keyring } from "../../openpgp/open-signer.ts";
import { viewOf } from "../../repository/view.ts";
import { rebuildable } from "../binary-rebuild.ts";
import { build } from "../build.ts";
import { architecturesOf } from "../cross.ts";
import { afterBuild } from "../hook/after-build.ts";
import { planBuild } from "../plan.ts";
import type { BuildRequest } from "../request.ts";
import { nodeKey } from "./node-key.ts";
import type { NodeRecord, NodeRecords } from "./records.ts";
import { sourceDigest } from "./source-digest.ts";

/** Where the results of a chain's sources go, so that others are built with them. */
export interface Pantry {
  readonly repository: LocalRepository;
  readonly suite: string;
  readonly component: string;
  readonly keyring: Keyring;
  readonly records: NodeRecords;
  /** Whether results come into the repository at all; else they are only built with what is in it. */
  readonly publishes: boolean;
}

/** How the work on one source ended. */
export interface NodeEnd {
  readonly status: "built" | "reused" | "failed";
  /** Where its results are, or what a failed build left; null when it came to nothing. */
  readonly directory: string | null;
  readonly failure: Failure | null;
}

/** What is reported of the work on a source, and to what task it belongs. */
export interface NodeDesk {
  readonly report: Report;
  readonly version: string;
  readonly task: Task;
}

/**
 * Sees to it that the results of a source are in the repository: they stay when they were built from the same source in the same
 * environment, the packages of the chain in it included; else it is built with those packages in sight.
 */
export async function buildNode(
  kiln: Kiln,
  wanted: BuildRequest,
  seen: { readonly visible: readonly BinaryEntry[]; readonly present: readonly BinaryEntry[] },
  pantry: Pantry,
  desk: NodeDesk,
): Promise<NodeEnd> {
  const { repository, records, keyring } = pantry;
  const view = seen.visible.length === 0 ? [] : [await viewOf(repository, seen.visible, keyring)];
  const archive = { ...wanted.archive, extra: [...wanted.archive.extra, ...view] };
  const request: BuildRequest = { ...wanted, archive };
  const { name, version } = request.source.package;
  const digest = await sourceDigest(request.source);
  const record = await records.find(name);
  // What the host has is in no key: whoever mounts it means what it is now.
  const isKnown = !isOpenEnded(request.provisions);
  if (isKnown && record?.source.version === version && (await isThere(record, seen.present, pantry))) {
    const environment = await environmentOf(kiln, request, desk.task);
    if (environment !== null && nodeKey(request, digest, environment) === record.key) {
      desk.task.summary = "cached, unchanged";
      return { status: "reused", directory: record.directory, failure: null };
    }
  }
  const outcome = await afterBuild(kiln, request, await build(kiln, request, desk), desk.report);
  const { result, directory } = outcome;
  // Packages that a required check or a hook finds fault with are nothing for others to be built with.
  const failure = outcome.failure ?? outcome.unmet;
  if (failure !== null) return { status: "failed", directory, failure };
  if (pantry.publishes) await addPackages(repository, additionOf(request, directory, pantry), keyring);
  const packages = result.artifacts.filter(({ kind }) => kind === "deb").map(({ sha256 }) => sha256);
  // A tree may have changed while it was built; what was built is what it was before.
  if (result.environment !== null) {
    const key = nodeKey(request, digest, result.environment);
    await records.write({ schema: 1, key, source: { name, version }, packages, directory });
  }
  desk.task.summary = `${packages.length} ${packages.length === 1 ? "package" : "packages"}`;
  return { status: "built", directory, failure: null };
}

/** Whether what a record tells of is still there: in the repository, or else where it was built. */
async function isThere(
  { packages, directory }: NodeRecord,
  present: readonly BinaryEntry[],
  { publishes }: Pantry,
): Promise<boolean> {
  if (!publishes) return (await stat(join(directory, "result.json")).catch(nullIfMissing)) !== null;
  const digests = new Set(present.map(({ sha256 }) => sha256));
  return packages.every((digest) => digests.has(digest));
}

/** The key of the environment that a build would get; null when there is none, which the build then says. */
async function environmentOf(kiln: Kiln, request: BuildRequest, task: Task): Promise<Digest | null> {
  const { target, archive } = request;
  try {
    const { base, releases } = await ensureBase(kiln, { target, archive, recipe: buildRecipe }, task);
    const { dependencies } = planBuild(request);
    const { lock } = await resolve(kiln, { target, archive, base, releases, request: dependencies, task });
    return environmentKey(lock);
  } catch (thrown) {
    kiln.signal.throwIfAborted();
    task.note(`what it was built with can no longer be had: ${asFailure(thrown).message}`);
    return null;
  }
}

/** The results take the place of what the same source gave before, for the same architectures. */
function additionOf(request: BuildRequest, directory: string, { suite, component }: Pantry) {
  const rebuild = request.variation?.rebuild;
  const { any, all, source } = rebuild === undefined ? request.wanted : rebuildable(rebuild, request.wanted);
  const architectures = [
    ...(any ? [architecturesOf(request).host] : []),
    ...(all ? ["all"] : []),
    ...(source ? ["source"] : []),
  ];
  return {
    files: [directory],
    suite,
    component,
    displaces: { sources: [request.source.package.name], architectures },
  };
}
