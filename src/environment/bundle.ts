import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Readable, pipeline } from "node:stream";
import { createZstdDecompress } from "node:zlib";
import { type Digest, digestOf, hexOf } from "../base/digest.ts";
import { Failure } from "../base/failure.ts";
import { nullIfMissing } from "../base/system-error.ts";
import { type Descriptor, ImageIndex, ImageManifest, mediaTypes } from "../oci/image-spec.ts";
import { indexTar } from "../oci/tar-index.ts";
import { lockMediaType } from "./bundle-parts.ts";
import { type LockFile, longestLockFile, parseLockFile, readLockFile } from "./lock-file.ts";

/** A lock, and where what it names may be at hand. */
export interface LockedInput {
  readonly lockFile: LockFile;
  /** How messages call it. */
  readonly origin: string;
  /** A blob's bytes, unchecked; null when it is not there. */
  find(digest: Digest): Promise<Readable | null>;
  /** The base's root filesystem as a tar, unchecked; null when it is not there. */
  base(): Promise<Readable | null>;
}

/**
 * Opens what a user names as a lock: a lock file; a directory or OCI archive that `debkiln fetch` made; a directory with a
 * lock.json in it, as a build leaves one. A lock file in a fetched directory means that directory.
 * @throws Failure lock-missing, bad-lock, lock-too-new (usage).
 */
export async function openLockedInput(path: string): Promise<LockedInput> {
  const status = await stat(path).catch(nullIfMissing);
  if (status?.isDirectory() === true) return openDirectory(path);
  if (status !== null && (await startsAsTar(path))) return openBlobs(path, await archiveBlobs(path));
  const lockFile = await readLockFile(path);
  const beside = await stat(join(dirname(path), "oci-layout")).catch(nullIfMissing);
  if (beside === null) return alone(path, lockFile);
  return { ...(await openBlobs(dirname(path), directoryBlobs(dirname(path)))), lockFile };
}

async function openDirectory(path: string): Promise<LockedInput> {
  const layout = await stat(join(path, "oci-layout")).catch(nullIfMissing);
  if (layout !== null) return openBlobs(path, directoryBlobs(path));
  return alone(path, await readLockFile(join(path, "lock.json")));
}

function alone(origin: string, lockFile: LockFile): LockedInput {
  return { lockFile, origin, find: nowhere, base: nowhere };
}

const nowhere = (): Promise<null> => Promise.resolve(null);

/** Files of an OCI image layout by their paths in it (image-layout.md). */
type LayoutFiles = (path: string) => Promise<Readable | null>;

async function openBlobs(origin: string, files: LayoutFiles): Promise<LockedInput> {
  const index = ImageIndex.safeParse(await readJson(files, "index.json", origin));
  const [entry] = index.data?.manifests.filter(({ artifactType }) => artifactType === lockMediaType) ?? [];
  if (entry === undefined) throw noBundle(origin, "no lock is in its index");
  const manifest = ImageManifest.safeParse(
    await readJson(files, blobPath(entry.digest), origin, entry.digest),
  );
  if (!manifest.success) throw noBundle(origin, "its manifest is malformed");
  const text = await readText(
    files,
    blobPath(manifest.data.config.digest),
    origin,
    manifest.data.config.digest,
  );
  const base = manifest.data.layers.find(({ mediaType }) => mediaType === mediaTypes.layerZstd);
  return {
    lockFile: parseLockFile(text, origin),
    origin,
    find: (digest) => files(blobPath(digest)),
    base: async () => (base === undefined ? null : openZstd(await files(blobPath(base.digest)))),
  };
}

export function blobPath(digest: Descriptor["digest"]): string {
  return `blobs/sha256/${hexOf(digest)}`;
}

function openZstd(compressed: Readable | null): Readable | null {
  if (compressed === null) return null;
  // What goes wrong on either side reaches whoever reads.
  return pipeline(compressed, createZstdDecompress(), () => undefined);
}

function directoryBlobs(directory: string): LayoutFiles {
  return async (path) => {
    const status = await stat(join(directory, path)).catch(nullIfMissing);
    return status?.isFile() === true ? createReadStream(join(directory, path)) : null;
  };
}

async function archiveBlobs(file: string): Promise<LayoutFiles> {
  const places = new Map<string, { start: number; end: number }>();
  for await (const { record, offset } of indexTar(createReadStream(file))) {
    if (record.sizeBytes > 0) {
      places.set(record.path.replace(/^\.\//, ""), { start: offset, end: offset + record.sizeBytes - 1 });
    }
  }
  return (path) => {
    const place = places.get(path);
    return Promise.resolve(place === undefined ? null : createReadStream(file, place));
  };
}

async function startsAsTar(path: string): Promise<boolean> {
  await using handle = await open(path);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(512), 0, 512, 0);
  return bytesRead === 512 && buffer.toString("latin1", 257, 262) === "ustar";
}

async function readJson(files: LayoutFiles, path: string, origin: string, digest?: Digest): Promise<unknown> {
  try {
    return JSON.parse(await readText(files, path, origin, digest));
  } catch (thrown) {
    if (thrown instanceof Failure) throw thrown;
    throw noBundle(origin, `${path} in it is not JSON`);
  }
}

async function readText(files: LayoutFiles, path: string, origin: string, digest?: Digest): Promise<string> {
  const stream = await files(path);
  if (stream === null) throw noBundle(origin, `${path} is missing in it`);
  const chunks: Buffer[] = [];
  let size = 0;
  const bytes: AsyncIterable<Buffer> = stream;
  for await (const chunk of bytes) {
    size += chunk.length;
    if (size > longestLockFile) throw noBundle(origin, `${path} in it is too large`);
    chunks.push(chunk);
  }
  const content = Buffer.concat(chunks);
  if (digest !== undefined && digestOf(content) !== digest)
    throw noBundle(origin, `${path} in it was altered`);
  return content.toString("utf8");
}

function noBundle(origin: string, what: string): Failure {
  return new Failure("usage", "bad-lock", `${origin} is nothing that \`debkiln fetch\` made whole: ${what}`, {
    hint: "Run `debkiln fetch` again; what is there already is kept.",
  });
}
