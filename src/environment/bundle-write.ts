import { randomBytes } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { digestOfFile } from "../base/digester.ts";
import { canonicalJson } from "../base/digest.ts";
import { throwIfAborted } from "../base/event.ts";
import { Failure } from "../base/failure.ts";
import { makeDirectory } from "../base/make-directory.ts";
import { nullIfMissing } from "../base/system-error.ts";
import { type BlobSource, blobMissing } from "../oci/blob-source.ts";
import type { Descriptor } from "../oci/image-spec.ts";
import { type TarEntry, packTar } from "../oci/tar.ts";
import { diskFailure } from "../store/disk.ts";
import { writeLayout } from "../store/write-layout.ts";
import { blobPath } from "./bundle.ts";
import { type BundlePart, bundleIndex, descriptorOf } from "./bundle-parts.ts";

/**
 * Writes a bundle as an OCI image layout (image-layout.md): a directory, which may have parts of it already, or an archive
 * when the path ends in `.tar`. The index comes last, so that what is not whole is not taken for it.
 * @throws Failure output-occupied, bad-layout (usage), disk-full, output-unwritable (infrastructure).
 */
export async function writeBundle(
  parts: readonly BundlePart[],
  path: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    await (path.endsWith(".tar") ? writeArchive(parts, path, signal) : writeDirectory(parts, path, signal));
  } catch (thrown) {
    throwIfAborted(signal);
    throw diskFailure(thrown, path);
  }
}

const layoutText = canonicalJson({ imageLayoutVersion: "1.0.0" });

async function writeDirectory(
  parts: readonly BundlePart[],
  directory: string,
  signal: AbortSignal,
): Promise<void> {
  const source = sourceOf(parts);
  await writeLayout(directory, { signal }, async (layout) => {
    for (const part of parts) {
      throwIfAborted(signal);
      await removeUnlessIntact(join(directory, blobPath(part.digest)), part);
      await layout.putBlob(descriptorOf(part), source);
    }
    for (const manifest of bundleIndex(parts).manifests) await layout.putReference(null, manifest);
  });
}

/** What lies under a digest's name must be it, however it was altered: it is then written again. */
async function removeUnlessIntact(file: string, { digest }: BundlePart): Promise<void> {
  if ((await stat(file).catch(nullIfMissing)) === null) return;
  if ((await digestOfFile(file)) !== digest) await rm(file);
}

function sourceOf(parts: readonly BundlePart[]): BlobSource {
  const contents = new Map<string, BundlePart["content"]>(
    parts.map(({ digest, content }) => [digest, content]),
  );
  const open = (blob: Descriptor): Readable => {
    const content = contents.get(blob.digest);
    if (content === undefined) throw blobMissing("the lock", blob);
    return "bytes" in content ? Readable.from([content.bytes]) : createReadStream(content.file);
  };
  return {
    openBlob: (blob) => Promise.resolve(open(blob)),
    readManifest: (manifest) => buffer(open(manifest)),
  };
}

async function writeArchive(parts: readonly BundlePart[], path: string, signal: AbortSignal): Promise<void> {
  const status = await stat(path).catch(nullIfMissing);
  if (status !== null && !status.isFile()) throw occupied(path);
  await makeDirectory(dirname(path));
  await writeAside(path, (file) =>
    pipeline(packTar(archiveEntries(parts)), createWriteStream(file, { flags: "wx" }), { signal }),
  );
}

function* archiveEntries(parts: readonly BundlePart[]): Generator<TarEntry> {
  yield entry("oci-layout", Buffer.from(layoutText));
  for (const { digest, sizeBytes, content } of parts) {
    const file = blobPath(digest);
    if ("bytes" in content) yield entry(file, content.bytes);
    else yield { ...common(file), size: sizeBytes, content: () => createReadStream(content.file) };
  }
  yield entry("index.json", Buffer.from(canonicalJson(bundleIndex(parts))));
}

function entry(path: string, bytes: Buffer): TarEntry {
  return { ...common(path), size: bytes.length, content: () => bytes };
}

function common(path: string) {
  return { path, type: "file" as const, mode: 0o644, uid: 0, gid: 0, mtime: 0 };
}

/** A file appears whole under its name or not at all. */
async function writeAside(path: string, write: (file: string) => Promise<void>): Promise<void> {
  const aside = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    await write(aside);
    await rename(aside, path);
  } catch (thrown) {
    await rm(aside, { force: true });
    throw thrown;
  }
}

function occupied(path: string): Failure {
  return new Failure(
    "usage",
    "output-occupied",
    `${path} holds something else than what \`debkiln fetch\` makes`,
    {
      hint: "Name another output, or one that does not exist yet.",
      details: { path },
    },
  );
}
