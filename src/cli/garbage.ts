import { parseDuration } from "../base/duration.ts";
import { parseSize } from "../base/size.ts";
import { collectGarbage } from "../environment/gc.ts";
import type { GarbagePolicy } from "../environment/gc-plan.ts";
import { withKiln } from "./kiln.ts";
import { collectedRecord, collectedText } from "./render/garbage.ts";
import type { Session } from "./session.ts";

/** The rules as the user writes them. */
export interface GarbageFlags {
  readonly "older-than"?: string | undefined;
  readonly "keep-last"?: number | undefined;
  readonly "max-size"?: string | undefined;
  readonly "dry-run": boolean;
}

/** Removes what is no longer kept, and shows what that frees. */
export async function runGarbageCollection(session: Session, flags: GarbageFlags): Promise<void> {
  const policy = policyOf(flags);
  await withKiln(session, async (kiln) => {
    const collected = await collectGarbage(kiln, policy, { dryRun: flags["dry-run"] }, session.task);
    session.result(collectedText(collected), collectedRecord(collected));
  });
}

/** The rules that were given, else the default one. @throws Failure duration-malformed, size-malformed (usage). */
export function policyOf(flags: Omit<GarbageFlags, "dry-run">): GarbagePolicy {
  const { "older-than": age, "keep-last": keepLast = null, "max-size": size } = flags;
  const olderThanMs = age === undefined ? null : parseDuration(age);
  const maxBytes = size === undefined ? null : parseSize(size);
  const isDefault = olderThanMs === null && keepLast === null && maxBytes === null;
  return {
    olderThanMs: isDefault ? defaultAgeMs : olderThanMs,
    keepLast,
    maxBytes,
    idleMs: Math.min(hourMs, olderThanMs ?? hourMs),
  };
}

const hourMs = 3_600_000;
const defaultAgeMs = 30 * 24 * hourMs;
