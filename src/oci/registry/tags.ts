import type { Digest } from "../../base/digest.ts";
import { Failure } from "../../base/failure.ts";
import type { GraphNode } from "../image-graph.ts";
import type { Repository } from "./repository.ts";

/** Where tags lead at some time; null for a tag that is not there. */
export type TagStates = ReadonlyMap<string, Digest | null>;

export async function readTags(repository: Repository, tags: readonly string[]): Promise<TagStates> {
  const states = new Map<string, Digest | null>();
  for (const tag of tags) states.set(tag, await repository.findDigest(tag));
  return states;
}

/**
 * Refuses to go on when a tag leads elsewhere than it did, unless that is where it shall lead. The protocol has no
 * conditional PUT, so a moment stays between this look and a tag's change.
 * @throws Failure tag-moved (usage).
 */
export function requireUnmoved(
  before: TagStates,
  now: TagStates,
  wanted: Digest,
  repository: Repository,
): void {
  for (const [tag, digest] of now) {
    const then = before.get(tag);
    if (then === undefined || digest === then || digest === wanted) continue;
    throw new Failure(
      "usage",
      "tag-moved",
      `Somebody else moved ${repository.nameOf(tag)} meanwhile: from ${then ?? "nothing"} to ${digest ?? "nothing"}`,
      {
        hint: "See what is there now; then push again, which takes over from it, or push with --overwrite.",
        details: { tag, before: then, now: digest, wanted },
      },
    );
  }
}

/** Makes the tags lead to a manifest whose parts are all there. */
export async function putTags(
  repository: Repository,
  tags: readonly string[],
  { descriptor, bytes }: Pick<GraphNode, "descriptor" | "bytes">,
): Promise<void> {
  for (const tag of tags) await repository.putTag(tag, descriptor, bytes);
}
