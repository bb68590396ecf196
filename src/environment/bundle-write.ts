import { createHash, randomBytes } from "node:crypto";
import { constants, createReadStream, createWriteStream } from "node:fs";
import { copyFile, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { canonicalJson } from "../base/digest.ts";
import { throwIfAborted } from "../base/event.ts";
import { Failure } from "../base/failure.ts";
import { makeDirectory } from "../base/make-directory.ts";
import { nullIfMissing } from "../base/system-error.ts";
import { type TarEntry, packTar } from "../oci/tar.ts";
import { diskFailure } from "../store/disk.ts";
import { blobPath } from "./bundle.ts";
import { type BundlePart, bundleIndex } from "./bundle-parts.ts";

/**
 * Writes a bundle as an OCI image layout (image-layout.md): a directory, which may have parts of it already, or an archive
 * when the path ends in `.tar`. The index comes last, so that what is not whole is not taken for it.
 * @throws Failure output-occupied (usage), disk-full, output-unwritable (infrastructure).
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
  const names = (await readdir(directory).catch(nullIfMissing)) ?? [];
  if (names.length > 0 && !names.includes("oci-layout")) throw occupied(directory);
  await makeDirectory(join(directory, "blobs", "sha256"));
  await writeAside(join(directory, "oci-layout"), (file) => writeFile(file, layoutText, { flag: "wx" }));
  for (const part of parts) {
    throwIfAborted(signal);
    const file = join(directory, blobPath(part.digest));
    const { content } = part;
    if ("bytes" in content)
      await writeAside(file, (aside) => writeFile(aside, content.bytes, { flag: "wx" }));
    else if (!(await isThere(file, part)))
      await writeAside(file, (aside) => copyFile(content.file, aside, copying));
  }
  const index = canonicalJson(bundleIndex(parts));
  await writeAside(join(directory, "index.json"), (file) => writeFile(file, index, { flag: "wx" }));
}

async function isThere(file: string, { digest, sizeBytes }: BundlePart): Promise<boolean> {
  if ((await stat(file).catch(nullIfMissing))?.size !== sizeBytes) return false;
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return `sha256:${hash.digest("hex")}` === digest;
}

/** Not a link: whoever alters the copy must not alter the cache. */
const copying = constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE;

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
