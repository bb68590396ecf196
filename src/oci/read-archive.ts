import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { dirname, join } from "node:path/posix";
import { Readable } from "node:stream";
import { z } from "zod";
import { type Digest, digestOf } from "../base/digest.ts";
import { Failure } from "../base/failure.ts";
import { parseJson } from "../base/parse-json.ts";
import { type BlobSource, largestManifestBytes, blobMissing } from "./blob-source.ts";
import { type Descriptor, ImageIndex, mediaTypes } from "./image-spec.ts";
import { referenceName } from "./layout.ts";
import { type IndexedMember, indexTar } from "./tar-index.ts";

/** A tar of images, as `docker save`, `podman save` and skopeo write it: a source of blobs, and what it is about. */
export interface Archive extends BlobSource {
  /** The file. */
  readonly directory: string;
  readonly index: () => Promise<ImageIndex>;
}

/** Where the bytes of an archive's members are. */
interface Stretch {
  readonly offset: number;
  readonly sizeBytes: number;
  readonly digest: Digest;
}

/**
 * The images in a tar file: an OCI layout (image-layout.md) or docker's older form; null when it is neither. Nothing is
 * unpacked: blobs are read from the file. @throws Failure bad-archive (usage), tar-malformed.
 */
export async function openArchive(file: string, members: readonly IndexedMember[]): Promise<Archive | null> {
  const stretches = stretchesOf(members);
  if (stretches.has("oci-layout") && stretches.has("index.json")) return await ociArchive(file, stretches);
  if (stretches.has("manifest.json")) return await dockerArchive(file, stretches);
  return null;
}

/** The members of a tar file with their digests, as `openArchive` takes them. @throws Failure tar-malformed. */
export async function indexFile(file: string, signal: AbortSignal): Promise<readonly IndexedMember[]> {
  const members: IndexedMember[] = [];
  const chunks = createReadStream(file, { highWaterMark: 1024 * 1024, signal });
  for await (const member of indexTar(chunks)) members.push(member);
  return members;
}

/** By path without `./`. Links stand for what they lead to: older dockers write layers once, and links for the rest. */
function stretchesOf(members: readonly IndexedMember[]): ReadonlyMap<string, Stretch> {
  const stretches = new Map<string, Stretch>();
  const links = new Map<string, string>();
  for (const { record, offset, digest } of members) {
    const path = join(record.path);
    if (record.type === "file") stretches.set(path, { offset, sizeBytes: record.sizeBytes, digest });
    if (record.type === "symlink") links.set(path, join(dirname(path), record.linkTarget));
    if (record.type === "link") links.set(path, join(record.linkTarget));
  }
  for (const [path, target] of links) {
    const stretch = stretches.get(target);
    if (stretch !== undefined) stretches.set(path, stretch);
  }
  return stretches;
}

async function ociArchive(file: string, stretches: ReadonlyMap<string, Stretch>): Promise<Archive> {
  const blobs = new Map<Digest, Stretch>();
  for (const [path, stretch] of stretches) {
    const hex = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(path)?.[1];
    // A blob whose name is wrong is as good as not there.
    if (hex !== undefined && stretch.digest === `sha256:${hex}`) blobs.set(stretch.digest, stretch);
  }
  const index = await json(file, stretches.get("index.json"), ImageIndex, "index.json");
  return archiveOf(file, blobs, new Map(), index);
}

/** What `docker save` wrote before it wrote layouts (moby, image/spec/v1.2.md). */
const DockerManifest = z.array(
  z.looseObject({
    Config: z.string(),
    RepoTags: z.array(z.string()).nullish(),
    Layers: z.array(z.string()),
  }),
);

/** Gives each image a manifest of its own, which docker's form lacks. */
async function dockerArchive(file: string, stretches: ReadonlyMap<string, Stretch>): Promise<Archive> {
  const list = await json(file, stretches.get("manifest.json"), DockerManifest, "manifest.json");
  const blobs = new Map([...stretches.values()].map((stretch) => [stretch.digest, stretch]));
  const manifests = new Map<Digest, Buffer>();
  const entries: Descriptor[] = [];
  for (const image of list) {
    const layers = [];
    for (const name of image.Layers) {
      const stretch = required(file, stretches, name);
      const isGzip = (await bytesAt(file, stretch, 2)).equals(Buffer.from([0x1f, 0x8b]));
      layers.push(descriptorOf(isGzip ? mediaTypes.layerGzip : mediaTypes.layer, stretch));
    }
    const config = descriptorOf(mediaTypes.config, required(file, stretches, image.Config));
    const bytes = Buffer.from(
      JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.manifest, config, layers }),
    );
    const descriptor = { mediaType: mediaTypes.manifest, digest: digestOf(bytes), size: bytes.length };
    manifests.set(descriptor.digest, bytes);
    const names = image.RepoTags ?? [];
    entries.push(...names.map((name) => ({ ...descriptor, annotations: { [referenceName]: name } })));
    if (names.length === 0) entries.push(descriptor);
  }
  return archiveOf(file, blobs, manifests, { schemaVersion: 2, manifests: entries });
}

function archiveOf(
  file: string,
  blobs: ReadonlyMap<Digest, Stretch>,
  manifests: ReadonlyMap<Digest, Buffer>,
  index: ImageIndex,
): Archive {
  const stretchOf = (blob: Descriptor) => {
    const stretch = blobs.get(blob.digest);
    if (stretch === undefined) throw blobMissing(file, blob);
    return stretch;
  };
  return {
    directory: file,
    index: async () => index,
    openBlob: async (blob, from = 0) => {
      const { offset, sizeBytes } = stretchOf(blob);
      if (from >= sizeBytes) return Readable.from([]);
      return createReadStream(file, { start: offset + from, end: offset + sizeBytes - 1 });
    },
    readManifest: async (manifest) => {
      const made = manifests.get(manifest.digest);
      if (made !== undefined) return made;
      const stretch = stretchOf(manifest);
      return await bytesAt(file, stretch, Math.min(stretch.sizeBytes, largestManifestBytes));
    },
  };
}

function descriptorOf(mediaType: string, { digest, sizeBytes }: Stretch): Descriptor {
  return { mediaType, digest, size: sizeBytes };
}

function required(file: string, stretches: ReadonlyMap<string, Stretch>, name: string): Stretch {
  const stretch = stretches.get(join(name));
  if (stretch === undefined) throw badArchive(file, `it lacks ${name}, which its manifest.json names`);
  return stretch;
}

async function json<T>(
  file: string,
  stretch: Stretch | undefined,
  schema: z.ZodType<T>,
  name: string,
): Promise<T> {
  if (stretch === undefined || stretch.sizeBytes > largestManifestBytes)
    throw badArchive(file, `its ${name} is larger than any`);
  const parsed = schema.safeParse(parseJson(await bytesAt(file, stretch, stretch.sizeBytes)));
  if (!parsed.success)
    throw badArchive(file, `its ${name} is not what it should be: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

async function bytesAt(file: string, { offset, sizeBytes }: Stretch, length: number): Promise<Buffer> {
  await using handle = await open(file);
  const wanted = Math.min(length, sizeBytes);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(wanted), 0, wanted, offset);
  return buffer.subarray(0, bytesRead);
}

/** The failure of a file that holds no images, or broken ones. */
export function badArchive(file: string, reason: string): Failure {
  return new Failure("usage", "bad-archive", `${file} is no archive of images: ${reason}`, {
    hint: "Name a file that `podman save`, `docker save` or skopeo wrote.",
  });
}
