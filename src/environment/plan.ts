import { counted } from "../base/counted.ts";
import { DigestText } from "../base/digest.ts";
import type { Digest } from "../base/digest.ts";
import { keyOf } from "../base/digest.ts";
import type { Task } from "../base/event.ts";
import type { Image } from "../engine/engine.ts";
import { z } from "zod";
import { type BaseOutcome, ensureBase } from "./base.ts";
import type { BaseRecipe, BaseRequest } from "./base-recipe.ts";
import type { Base } from "./base-image.ts";
import type { Kiln } from "./kiln.ts";
import { type Lock, describeDifference, difference, environmentKey } from "./lock.ts";
import { type LockedSet, planLocked } from "./locked-plan.ts";
import { imageReference } from "./names.ts";
import { type Start, nearestEnvironment, startOfSystem } from "./nearest-environment.ts";
import { recallLock, resolve } from "./resolve.ts";
import type { Request } from "./resolver.ts";
import { type Target, targetName } from "./target.ts";

export interface EnvironmentRequest extends BaseRequest {
  readonly request: Request;
  /** For whom: a source package's name. What it had last time is what a miss is explained by. */
  readonly subject: string;
  /** The set of packages itself, when that is known and nothing is to be resolved. */
  readonly locked?: LockedSet | undefined;
}

/** Whether a layer was there, and if not, why. */
export interface Decision {
  readonly layer: "base" | "resolution" | "environment";
  readonly outcome: "hit" | "unchanged" | "made" | "miss";
  readonly reason: string;
  /** Packages that differ, in words. */
  readonly changes: readonly string[];
}

/** A part of a lock that has an image of its own. */
export interface Stage {
  readonly lock: Lock;
  readonly lockDigest: Digest;
  readonly key: Digest;
  readonly reference: string;
}

export interface EnvironmentPlan {
  readonly target: Target;
  readonly purpose: BaseRecipe["purpose"];
  readonly base: Base;
  readonly lock: Lock;
  readonly lockDigest: Digest;
  readonly key: Digest;
  readonly reference: string;
  /** The image itself when the engine has it. */
  readonly image: Image | null;
  /** Where an installation would begin; the image itself when it is there. */
  readonly start: Start;
  /** On the way to a system that begins at its base: what is made and kept first. */
  readonly stage: Stage | null;
  readonly decisions: readonly Decision[];
}

/** What a plan comes to, for a lock. */
export function lockedSetOf({ lock, base }: EnvironmentPlan): LockedSet {
  return { lock, basePackages: base.packages };
}

/** Decides what environment a request needs and how to come to it. Nothing is installed, but a missing base is made. */
export async function planEnvironment(
  kiln: Kiln,
  wanted: EnvironmentRequest,
  task: Task,
): Promise<EnvironmentPlan> {
  if (wanted.locked !== undefined)
    return {
      ...(await planLocked(kiln, wanted.locked, wanted.recipe.purpose)),
      target: wanted.target,
      purpose: wanted.recipe.purpose,
      stage: null,
    };
  const based = await ensureBase(kiln, wanted, task);
  return planOnBase(kiln, wanted, based, task);
}

/** As `planEnvironment`, on a base that is there. */
export async function planOnBase(
  kiln: Kiln,
  wanted: EnvironmentRequest,
  based: BaseOutcome,
  task: Task,
): Promise<EnvironmentPlan> {
  const { base, releases } = based;
  const { target, archive, request } = wanted;
  const { lock, digest, core, outcome } = await resolve(kiln, {
    target,
    archive,
    base,
    releases,
    request,
    task,
  });
  const key = environmentKey(lock);
  const reference = imageReference("environment", key);
  const image = await kiln.engine.image(reference);
  const stage = core === null ? null : await stageOf(kiln, core);
  const start: Start =
    image !== null
      ? { reference, packages: lock.packages, kind: "environment" }
      : request.system === undefined
        ? await nearestEnvironment(kiln, base, lock)
        : await startOfSystem(kiln, base, stage);
  const decisions: Decision[] = [
    { layer: "base", outcome: based.outcome, reason: based.reason, changes: [] },
    resolutionDecision(outcome),
    await environmentDecision(kiln, wanted, { lock, image, start }),
  ];
  const pending = start.kind === "base" ? stage : null;
  return {
    target,
    purpose: wanted.recipe.purpose,
    base,
    lock,
    lockDigest: digest,
    key,
    reference,
    image,
    start,
    stage: pending,
    decisions,
  };
}

/** Null when the store has lost the lock: the system is then made in one go. */
async function stageOf(kiln: Kiln, lockDigest: Digest): Promise<Stage | null> {
  const lock = await recallLock(kiln, lockDigest);
  if (lock === null) return null;
  const key = environmentKey(lock);
  return { lock, lockDigest, key, reference: imageReference("environment", key) };
}

/** Remembers that this came to be for its subject: what the next miss is explained by. */
export async function rememberLast(
  kiln: Kiln,
  wanted: EnvironmentRequest,
  { lockDigest }: EnvironmentPlan,
): Promise<void> {
  await kiln.store.remember("last-lock", lastKey(wanted), { lock: lockDigest });
}

function resolutionDecision(outcome: "hit" | "made"): Decision {
  const reason =
    outcome === "hit" ? "same relations against the same archive" : "new relations or a newer archive";
  return { layer: "resolution", outcome, reason, changes: [] };
}

async function environmentDecision(
  kiln: Kiln,
  wanted: EnvironmentRequest,
  found: { lock: Lock; image: Image | null; start: Start },
): Promise<Decision> {
  if (found.image !== null) {
    return { layer: "environment", outcome: "hit", reason: "the same set of packages is there", changes: [] };
  }
  const last = await kiln.store.recall("last-lock", lastKey(wanted), LastLock);
  const before = last === null ? null : await recallLock(kiln, last.lock);
  const beside = counted(difference(found.start.packages, found.lock.packages).install.length, "package");
  const from = found.start.kind === "base" ? "the base" : "a cached environment";
  if (before === null) {
    const reason = `first time for ${wanted.subject}; ${beside} on ${from}`;
    return { layer: "environment", outcome: "miss", reason, changes: [] };
  }
  const changes = describeDifference(before.packages, found.lock.packages);
  const reason =
    changes.length === 0
      ? "its image is not in this engine"
      : `${counted(changes.length, "package differs", "packages differ")} from the last time`;
  return {
    layer: "environment",
    outcome: "miss",
    reason: `${reason}; ${beside} on ${from}`,
    changes,
  };
}

const LastLock = z.strictObject({ lock: DigestText });

function lastKey({ subject, target }: EnvironmentRequest): Digest {
  return keyOf({ subject, target: targetName(target) });
}
