import { open } from "node:fs/promises";
import { basename } from "node:path";
import type { Digest } from "../base/digest.ts";
import type { Task } from "../base/event.ts";
import { Failure } from "../base/failure.ts";
import { printableLine } from "../base/printable.ts";
import { formatSize } from "../base/size.ts";
import { type Artifact, makeArtifact } from "../oci/artifact.ts";
import type { Descriptor, Platform } from "../oci/image-spec.ts";
import { readImage } from "../oci/read-image.ts";
import { type Reference, formatReference, withDefaultTag } from "../oci/reference.ts";
import type { RegistryAccess } from "../oci/registry/connection.ts";
import { attachArtifact, listReferrers } from "../oci/registry/referrers.ts";
import { Repository } from "../oci/registry/repository.ts";
import { bundleType } from "../oci/signature/bundle.ts";
import { findImage } from "./find-image.ts";

/** What came of an attachment. */
export interface Attached {
  /** The image that it is attached to, by digest. */
  readonly reference: string;
  /** Of the attachment's manifest. */
  readonly digest: Digest;
  readonly type: string;
  readonly outcome: "attached" | "there";
}

/**
 * Attaches a file to an image that is in a registry, whatever pushed it. The same file is attached once.
 * @throws Failure bad-attachment, no-such-platform (usage), image-not-found, registry-* (infrastructure).
 */
export async function attachFile(
  reference: Reference,
  artifact: Artifact,
  platform: Pick<Platform, "architecture"> | null,
  access: RegistryAccess,
  task: Task,
): Promise<Attached> {
  const named = withDefaultTag(reference);
  return await task.step("attach", `Attach to ${formatReference(named)}`, async (step) => {
    const repository = new Repository(named, { access, rights: "push" });
    const { descriptor: found } = await findImage(repository, named);
    const subject = platform === null ? found : await ofPlatform(repository, found, platform);
    const { digest } = makeArtifact(artifact, subject).root;
    const there = await listReferrers(repository, subject.digest);
    const isThere = there.some((each) => each.digest === digest);
    if (!isThere) await attachArtifact(repository, subject, artifact, step, access.signal);
    return {
      reference: repository.nameOf(subject.digest),
      digest,
      type: artifact.artifactType,
      outcome: isThere ? "there" : "attached",
    };
  });
}

async function ofPlatform(
  repository: Repository,
  found: Descriptor,
  platform: Pick<Platform, "architecture">,
): Promise<Descriptor> {
  const { descriptor, config } = await readImage(repository, found, platform);
  if (config.architecture === platform.architecture) return descriptor;
  const message = `The image is not for ${platform.architecture}`;
  throw new Failure("usage", "no-such-platform", message, {
    hint: `Leave --arch out: it is for ${printableLine(config.architecture)} alone.`,
  });
}

/** What registries take without a thought, in bytes; a bill of materials of a thousand packages has two million. */
const largest = 64 * 1024 * 1024;

/**
 * A file as what is attached: of the type that is named, else of the one that its name stands for.
 * @throws Failure bad-attachment (usage).
 */
export async function readAttachment(file: string, type: string | undefined): Promise<Artifact> {
  const artifactType = type ?? typeByName(file);
  if (artifactType === null) throw bad(file, `its name says no type`, typeHint);
  if (!mediaType.test(artifactType))
    throw bad(file, `${JSON.stringify(artifactType)} is no media type`, typeHint);
  const bytes = await readBounded(file);
  return {
    artifactType,
    contents: [{ mediaType: artifactType, bytes, annotations: { [title]: basename(file) } }],
    annotations: {},
  };
}

/** By this annotation oras(1) knows what a content is called as a file. */
const title = "org.opencontainers.image.title";

const typeHint = "Name one with --type, such as application/spdx+json.";

/** RFC 6838, 4.2. */
const mediaType = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/i;

const typesByEnding: Readonly<Record<string, string>> = {
  ".spdx.json": "application/spdx+json",
  ".cdx.json": "application/vnd.cyclonedx+json",
  ".intoto.json": "application/vnd.in-toto+json",
  ".intoto.jsonl": "application/vnd.in-toto+json",
  ".sigstore.json": bundleType,
};

function typeByName(file: string): string | null {
  return Object.entries(typesByEnding).find(([ending]) => file.endsWith(ending))?.[1] ?? null;
}

async function readBounded(file: string): Promise<Uint8Array> {
  try {
    await using handle = await open(file);
    const status = await handle.stat();
    if (!status.isFile()) throw new Error("it is no file");
    if (status.size === 0) throw new Error("there is nothing in it");
    if (status.size > largest) throw new Error(`it is larger than ${formatSize(largest)}`);
    return await handle.readFile();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw bad(
      file,
      reason,
      "Name a file that says something of the image, such as a bill of materials.",
      cause,
    );
  }
}

function bad(file: string, reason: string, hint: string, cause?: unknown): Failure {
  return new Failure("usage", "bad-attachment", `${file} cannot be attached: ${reason}`, { hint, cause });
}
