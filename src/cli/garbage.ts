import { parseDuration } from "../base/duration.ts";
import { parseSize } from "../base/size.ts";
import { nearest } from "../base/nearest.ts";
import { Failure } from "../base/failure.ts";
import { collectGarbage, scrubCaches } from "../environment/gc.ts";
import { type Cache, caches } from "../environment/scrub-plan.ts";
import { targetName } from "../environment/target.ts";
import { targetOf } from "./target.ts";
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

/** Empties caches, by their names or all, and shows what that frees. @throws Failure bad-command-line (usage). */
export async function runScrub(
  session: Session,
  words: readonly string[],
  flags: { readonly all: boolean; readonly target: string | undefined; readonly "dry-run": boolean },
): Promise<void> {
  if (flags.all === words.length > 0) {
    throw new Failure(
      "usage",
      "bad-command-line",
      flags.all ? "--all and names exclude each other" : "Name what to empty",
      {
        hint: `There are: ${cacheNames.join(", ")}; or --all.`,
      },
    );
  }
  const { target: name, all, "dry-run": dryRun } = flags;
  const target = name === undefined ? null : targetName(targetOf({ target: name }, session.settings, null));
  const request = { caches: all ? cacheNames : words.map(checkCache), target };
  await withKiln(session, async (kiln) => {
    const collected = await scrubCaches(kiln, request, { dryRun }, session.task);
    session.result(collectedText(collected), collectedRecord(collected));
  });
}

const cacheNames = Object.keys(caches).filter((name): name is Cache => name in caches);

function checkCache(word: string): Cache {
  const found = cacheNames.find((name) => name === word);
  if (found !== undefined) return found;
  const near = nearest(word, cacheNames);
  throw new Failure("usage", "bad-command-line", `There is no cache ${JSON.stringify(word)}`, {
    hint: near === null ? `There are: ${cacheNames.join(", ")}.` : `Did you mean ${near}?`,
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
