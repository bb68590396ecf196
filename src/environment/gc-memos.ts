import { type Digest, keyOf } from "../base/digest.ts";
import { parseJson } from "../base/parse-json.ts";
import type { StoredMemo } from "../store/inventory.ts";
import { Base } from "./base-image.ts";
import { type GarbagePolicy, leadsNowhere } from "./gc-plan.ts";
import { releaseUris } from "./releases.ts";

/** What a garbage collection leaves and takes, as far as memos go by it. */
export interface MemoFacts {
  readonly policy: GarbagePolicy;
  /** Names of the blobs and sources that go. */
  readonly gone: ReadonlySet<string>;
  /** Digests of the bases that stay. */
  readonly bases: ReadonlySet<Digest>;
  readonly now: number;
}

/**
 * The memos to forget: those that tell of removed blobs, and those that were not used for long, since what they told is found
 * out again. What is known of a kept base, and of the indices that it stands on, stays.
 */
export function staleMemos(memos: readonly StoredMemo[], facts: MemoFacts): readonly StoredMemo[] {
  const { policy, gone, now } = facts;
  const kept = releasesOfKept(memos, facts.bases);
  return memos.filter((memo) => {
    if (blobMemos.has(memo.kind) && leadsNowhere(memo.text, gone)) return true;
    const age = now - memo.written.getTime();
    const isOld = policy.olderThanMs !== null && age >= policy.olderThanMs && age >= policy.idleMs;
    return isOld && memo.kind !== "base-latest" && !(memo.kind === "release" && kept.has(memo.key));
  });
}

/** The kinds of memo that are worth nothing without the blob that they name. */
const blobMemos: ReadonlySet<string> = new Set([
  "resolution",
  "last-lock",
  "release",
  "root",
  "image",
  "initramfs",
  "unified-kernel",
  "layer-blob",
]);

/** Keys of the memos of the indices that kept bases are resolved against. */
function releasesOfKept(memos: readonly StoredMemo[], bases: ReadonlySet<Digest>): ReadonlySet<Digest> {
  const known = memos
    .filter(({ kind }) => kind === "base" || kind === "base-latest")
    .flatMap(({ text }) => Base.safeParse(parseJson(text)).data ?? [])
    .filter(({ digest }) => bases.has(digest));
  return new Set(known.flatMap(({ repositories }) => releaseUris(repositories)).map((uri) => keyOf({ uri })));
}
