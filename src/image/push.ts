import type { Digest } from "../base/digest.ts";
import type { Task } from "../base/event.ts";
import { Failure } from "../base/failure.ts";
import type { BlobSource } from "../oci/blob-source.ts";
import { copyImage } from "../oci/copy-image.ts";
import { type ImageGraph, readGraph } from "../oci/image-graph.ts";
import type { Descriptor } from "../oci/image-spec.ts";
import { formatReference, type Reference, withDefaultTag } from "../oci/reference.ts";
import type { RegistryAccess } from "../oci/registry/connection.ts";
import { Repository } from "../oci/registry/repository.ts";
import { putTags, readTags, requireUnmoved, type TagStates } from "../oci/registry/tags.ts";

export interface PushRequest {
  readonly source: BlobSource;
  /** The manifest of one image, or the index of several. */
  readonly image: Descriptor;
  /** Where to, with a tag (else `latest`). */
  readonly to: Reference;
  /** Further tags for the same image. */
  readonly tags?: readonly string[];
  /** Repositories of the same registry that may have some of the blobs, such as that of the image's base. */
  readonly mountFrom?: readonly string[];
  /** Where the tags led when the image's making began; without it, when the push begins. */
  readonly before?: TagStates;
  /** What is done with a tag that somebody else moves meanwhile. */
  readonly moved: "refuse" | "overwrite";
  /** Puts there what belongs to the image, such as signatures, before a tag leads to it. */
  readonly accompany?: readonly Accompany[];
}

/** Adds something to an image that is in a registry by its digest, and is about to get the tags. */
export type Accompany = (pushed: PushedContent, task: Task, signal: AbortSignal) => Promise<void>;

export interface PushedContent {
  readonly repository: Repository;
  readonly graph: ImageGraph;
  readonly tags: readonly string[];
}

export interface Pushed {
  /** By digest. */
  readonly reference: string;
  readonly digest: Digest;
  readonly tags: readonly string[];
  /** Blobs that were sent, and their bytes; zero when the registry had all. */
  readonly blobs: number;
  readonly bytes: number;
}

/**
 * Pushes an image of one or several platforms: blobs, manifests by digest, the index, and the tags when all of it is
 * there. A push that fails changes no tag.
 * @throws Failure tag-moved, bad-reference (usage), bad-manifest, blob-missing, wrong-digest, registry-* (infrastructure).
 */
export async function pushImage(request: PushRequest, access: RegistryAccess, task: Task): Promise<Pushed> {
  const { source, image } = request;
  const to = checkTarget(request);
  const tags = tagsOf(to, request.tags ?? []);
  const title = `Push to ${formatReference({ ...to, digest: null })}`;
  return await task.step("push", title, async (step) => {
    const { mountFrom = [] } = request;
    const repository = new Repository(to, { access, rights: "push", mountFrom });
    const now = await readTags(repository, tags);
    const before = request.before ?? now;
    if (request.moved === "refuse") requireUnmoved(before, now, image.digest, repository);
    const graph = await readGraph(source, image);
    const isThere = tags.length > 0 && now.values().every((digest) => digest === image.digest);
    const { blobs, bytes } = isThere
      ? { blobs: 0, bytes: 0 }
      : await copyImage(source, repository, graph, step, access.signal);
    for (const accompany of request.accompany ?? [])
      await accompany({ repository, graph, tags }, step, access.signal);
    if (!isThere) await moveTags(repository, tags, { ...request, before }, graph);
    if (isThere) step.summary = "the registry has it already";
    return { reference: repository.nameOf(image.digest), digest: image.digest, tags, blobs, bytes };
  });
}

/**
 * Where the tags of a push lead now: for asking before an image is made, so that one that somebody moves meanwhile is
 * noticed, and a login that is missing is missed early. @throws Failure registry-* (infrastructure).
 */
export async function tagsBefore(
  { to, tags = [] }: Pick<PushRequest, "to" | "tags">,
  access: RegistryAccess,
): Promise<TagStates> {
  const repository = new Repository(to, { access, rights: "push" });
  return await readTags(repository, tagsOf(withDefaultTag(to), tags));
}

function tagsOf({ tag }: Reference, further: readonly string[]): readonly string[] {
  return [...new Set([...(tag === null ? [] : [tag]), ...further])];
}

async function moveTags(
  repository: Repository,
  tags: readonly string[],
  { before, moved, image }: PushRequest & { readonly before: TagStates },
  { manifests }: ImageGraph,
): Promise<void> {
  if (moved === "refuse") requireUnmoved(before, await readTags(repository, tags), image.digest, repository);
  const root = manifests.at(-1);
  if (root !== undefined) await putTags(repository, tags, root);
}

function checkTarget({ to, image }: PushRequest): Reference {
  if (to.digest !== null && to.digest !== image.digest) {
    throw new Failure("usage", "bad-reference", `The image is ${image.digest}, and not ${to.digest}`, {
      hint: "Push to a name without a digest: the registry knows it by its own.",
    });
  }
  return withDefaultTag(to);
}
