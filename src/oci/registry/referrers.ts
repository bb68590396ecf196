import { z } from "zod";
import { type Digest, digestOf, hexOf } from "../../base/digest.ts";
import type { Task } from "../../base/event.ts";
import { Failure } from "../../base/failure.ts";
import { type Artifact, makeArtifact } from "../artifact.ts";
import { copyImage } from "../copy-image.ts";
import { readGraph } from "../image-graph.ts";
import { type Descriptor, ImageIndex, mediaTypes } from "../image-spec.ts";
import { largestManifestBytes } from "../blob-source.ts";
import { parseManifest } from "../manifest.ts";
import { readAll } from "./exchange.ts";
import type { Repository } from "./repository.ts";

const mostPages = 100;
const attempts = 5;

/**
 * Attaches an artifact to an image of the same repository: with the registry's referrers API if it has one, else by the
 * index under the tag that stands for it (distribution-spec, Referrers Tag Schema). Gives the artifact's descriptor.
 * @throws Failure registry-* (infrastructure), referrers-moving (infrastructure) when others change that index all the time.
 */
export async function attachArtifact(
  repository: Repository,
  subject: Descriptor,
  artifact: Artifact,
  task: Task,
  signal: AbortSignal,
): Promise<Descriptor> {
  const { root, source } = makeArtifact(artifact, subject);
  await copyImage(source, repository, await readGraph(source, root), task, signal);
  // Whether the answer to a manifest with a subject says that it was understood is not to be relied on, so the API is asked.
  if ((await askReferrers(repository, subject.digest)) === null) {
    await addToTag(repository, subject.digest, root);
  }
  return root;
}

/** What is attached to an image, of one kind or of all. */
export async function listReferrers(
  repository: Repository,
  digest: Digest,
  artifactType?: string,
): Promise<readonly Descriptor[]> {
  const found =
    (await askReferrers(repository, digest)) ?? (await readTag(repository, digest))?.index.manifests ?? [];
  return found.filter((each) => artifactType === undefined || each.artifactType === artifactType);
}

/** The tag under which registries without the API have the list of what is attached to an image. */
export function referrersTag(digest: Digest): string {
  return `sha256-${hexOf(digest)}`;
}

/** What the referrers API says, page by page; null when the registry has none. */
async function askReferrers(repository: Repository, digest: Digest): Promise<readonly Descriptor[] | null> {
  const { connection, name } = repository;
  const action = `list what is attached to ${repository.nameOf(digest)}`;
  const found: Descriptor[] = [];
  let url: string | URL | null = `/v2/${name}/referrers/${digest}`;
  for (let page = 0; url !== null && page < mostPages; page++) {
    const headers = { accept: mediaTypes.index };
    const expect = [200, 400, 404, 405, 501];
    const answer = await connection.ask({ method: "GET", url, headers, action, expect });
    if (answer.status !== 200) {
      answer.body.destroy();
      return null;
    }
    const index = readIndex(await readAll(answer, largestManifestBytes, action));
    // Some registries lead to a web page where others say 404.
    if (index === null) return null;
    found.push(...index.manifests);
    const next = /<([^>]+)>\s*;\s*rel="?next"?/.exec(String(answer.headers["link"] ?? ""))?.[1];
    url = next === undefined ? null : connection.resolve(next, answer.url);
  }
  return found;
}

function readIndex(bytes: Uint8Array): ImageIndex | null {
  const Json = z.string().transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue("not JSON");
      return z.NEVER;
    }
  });
  return Json.pipe(ImageIndex).safeParse(Buffer.from(bytes).toString("utf8")).data ?? null;
}

async function readTag(
  repository: Repository,
  digest: Digest,
): Promise<{ readonly index: ImageIndex; readonly digest: Digest } | null> {
  const found = await repository.findManifest(referrersTag(digest));
  if (found === null) return null;
  const manifest = parseManifest(found.descriptor, found.bytes);
  return manifest.kind === "index" ? { index: manifest.content, digest: found.descriptor.digest } : null;
}

/** Reads, changes and writes the list, and looks whether somebody else wrote it at the same time. */
async function addToTag(repository: Repository, subject: Digest, added: Descriptor): Promise<void> {
  const tag = referrersTag(subject);
  for (let attempt = 0; attempt < attempts; attempt++) {
    const { index } = (await readTag(repository, subject)) ?? {};
    if (index?.manifests.some((each) => each.digest === added.digest)) return;
    const manifests = [...(index?.manifests ?? []), added];
    const list = { schemaVersion: 2, mediaType: mediaTypes.index, manifests };
    const bytes = Buffer.from(JSON.stringify(list));
    const descriptor = { mediaType: mediaTypes.index, digest: digestOf(bytes), size: bytes.length };
    await repository.putTag(tag, descriptor, bytes);
    if ((await readTag(repository, subject))?.digest === descriptor.digest) return;
  }
  throw new Failure(
    "infrastructure",
    "referrers-moving",
    `Others keep changing the list of what is attached, ${repository.nameOf(tag)}`,
    { hint: "Try again; what was to be attached is in the registry, by its digest." },
  );
}
