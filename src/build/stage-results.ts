import { createHash } from "node:crypto";
import { constants, type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { throwIfAborted } from "../base/event.ts";
import type { ListedFile } from "../debian/checksums.ts";
import { readTar, type TarMember } from "../oci/tar-reader.ts";
import {
  type ChangesFile,
  type CollectLimits,
  checkMember,
  checkRoot,
  hostile,
  mismatch,
  promisedFiles,
  resultMissing,
} from "./promised-files.ts";
import { unwritable } from "./publish.ts";
import { artifactKind, type Artifact } from "./result.ts";

export interface CollectRequest {
  /** A tar of one flat directory, as the engine gives it: from a container in which hostile code ran. */
  readonly tar: Readable;
  /** The .changes as it was read before; the tar must hold the same bytes under this name. */
  readonly changesFile: ChangesFile;
  /** What the .changes says. */
  readonly changes: { readonly files: readonly ListedFile[] };
  /** Where the results shall lie. */
  readonly directory: string;
  readonly limits: CollectLimits;
  readonly signal: AbortSignal;
}

/**
 * Takes a build's results out of its container: the .changes and exactly the files in it, with the sizes and SHA256
 * in it. They come into an empty directory of the caller's, which has to remove it after a failure.
 * @throws Failure hostile-result, result-missing, result-mismatch, result-too-large (package).
 */
export async function stageResults(request: CollectRequest): Promise<readonly Artifact[]> {
  const { tar, directory, limits, signal } = request;
  const stop = () => tar.destroy(signal.reason instanceof Error ? signal.reason : undefined);
  signal.addEventListener("abort", stop);
  try {
    throwIfAborted(signal);
    const promised = promisedFiles(request.changesFile, request.changes.files, limits);
    const found = new Map<string, Artifact>();
    let root: string | null = null;
    for await (const member of readTar(tar)) {
      if (member.header.type === "directory") {
        root = checkRoot(member.header, root, found.size);
        continue;
      }
      const file = checkMember(member.header, root, promised);
      if (found.has(file.name)) throw hostile(member.header, "comes twice");
      found.set(file.name, await writeResultFile(member, file, directory));
    }
    const missing = [...promised.keys()].find((name) => !found.has(name));
    if (missing !== undefined) throw resultMissing(missing, request.changesFile.name);
    return [...found.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch (thrown) {
    throwIfAborted(signal);
    throw thrown;
  } finally {
    signal.removeEventListener("abort", stop);
    tar.destroy();
  }
}

const newFile = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

async function writeResultFile(
  member: TarMember,
  expected: ListedFile,
  directory: string,
): Promise<Artifact> {
  const path = join(directory, expected.name);
  await using file = await open(path, newFile, 0o644).catch((cause: unknown) => {
    throw unwritable(path, cause);
  });
  const written = await writeHashed(member.content, file, path);
  // tar-stream gives as many bytes as the header says, and that was compared; a reader that did not would show here.
  if (written.bytes !== expected.size)
    throw mismatch(expected.name, `${written.bytes} bytes`, `${expected.size} bytes`);
  if (written.sha256 !== expected.sha256)
    throw mismatch(expected.name, `SHA256 ${written.sha256}`, expected.sha256);
  return {
    name: expected.name,
    path,
    sizeBytes: expected.size,
    sha256: `sha256:${expected.sha256}`,
    kind: artifactKind(expected.name),
  };
}

async function writeHashed(content: AsyncIterable<Uint8Array>, file: FileHandle, path: string) {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of content) {
    hash.update(chunk);
    bytes += chunk.length;
    await file.writeFile(chunk).catch((cause: unknown) => {
      throw unwritable(path, cause);
    });
  }
  return { bytes, sha256: hash.digest("hex") };
}
