import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { finished, pipeline } from "node:stream/promises";
import { createZstdCompress } from "node:zlib";
import { Digester } from "../base/digester.ts";
import type { Digest } from "../base/digest.ts";
import type { Task } from "../base/event.ts";
import { Failure } from "../base/failure.ts";
import { formatSize } from "../base/size.ts";
import { mediaTypes } from "../oci/image-spec.ts";
import { diskFailure } from "../store/disk.ts";
import { baseRootfs } from "./base-rootfs.ts";
import { isPresent } from "./base-memo.ts";
import type { LockedInput } from "./bundle.ts";
import { type BundlePart, bundleParts, debMediaType } from "./bundle-parts.ts";
import { writeBundle } from "./bundle-write.ts";
import { type Fetchable, fetchFiles } from "./fetch.ts";
import type { Kiln } from "./kiln.ts";
import { nowhere } from "./locked-download.ts";
import { baseMissing } from "./locked-plan.ts";
import { type LockFile, packagesBeyondBase } from "./lock-file.ts";
import type { LockedPackage } from "./lock.ts";

/** What `fetchLocked` brought. */
export interface Fetched {
  /** A directory or an archive, absolute. */
  readonly path: string;
  readonly packages: number;
  readonly sourceFiles: number;
  readonly sizeBytes: number;
}

/**
 * Brings everything that a build by this lock needs to one place, an OCI image layout as a directory, or as an archive when
 * the path ends in `.tar`: the packages beyond the base, the source's files, and the base image itself, whose digest
 * therefore stays the same wherever it goes.
 * @throws Failure not-fetched, package-gone, base-missing (dependency), output-occupied (usage), and what fetching raises.
 */
export async function fetchLocked(
  kiln: Kiln,
  input: LockedInput,
  path: string,
  task: Task,
): Promise<Fetched> {
  const { lockFile } = input;
  const packages = packagesBeyondBase(lockFile);
  const sources = lockFile.source?.files ?? [];
  await removeDamaged(kiln, [...packages, ...sources]);
  await fetchFiles(kiln, packages, task, "packages");
  await fetchFiles(kiln, sources.map(sourceFetchable), task, "source");
  const scratch = await kiln.store.temporaryDirectory();
  try {
    const base = await fetchBase(kiln, input, join(scratch, "base.tar.zst"), task);
    const files = [...packages.map(debPart), ...sources.map(sourcePart)].map((part) => ({
      ...part,
      content: { file: kiln.store.blobPath(part.digest) },
    }));
    const parts = bundleParts(lockFile, [base, ...files]);
    await writeBundle(parts, path, kiln.signal);
    const sizeBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
    return { path, packages: packages.length, sourceFiles: sources.length, sizeBytes };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** What has taken damage in the cache is to be fetched again, and not to be handed on. */
async function removeDamaged(kiln: Kiln, files: readonly { readonly sha256: Digest }[]): Promise<void> {
  for (const { sha256 } of files) {
    if (!(await kiln.store.hasBlob(sha256))) continue;
    await finished(kiln.store.openChecked(sha256).resume()).catch((thrown: unknown) => {
      if (!(thrown instanceof Failure) || thrown.code !== "blob-damaged") throw thrown;
    });
  }
}

/** A locked source file as something to be fetched. */
export function sourceFetchable(file: NonNullable<LockFile["source"]>["files"][number]): Fetchable {
  const { name, sha256, sizeBytes, uri } = file;
  return { uri: uri ?? `${nowhere}${name}`, sha256, sizeBytes };
}

type Part = Omit<BundlePart, "content">;

function debPart({ name, version, architecture, sha256, sizeBytes }: LockedPackage): Part {
  const title = `${name}_${version.replace(":", "%3a")}_${architecture}.deb`;
  return { title, mediaType: debMediaType, digest: sha256, sizeBytes };
}

function sourcePart({ name, sha256, sizeBytes }: NonNullable<LockFile["source"]>["files"][number]): Part {
  return { title: name, mediaType: "application/octet-stream", digest: sha256, sizeBytes };
}

/** The base's root filesystem, compressed into a file: from the engine, else from where the lock came with it. */
async function fetchBase(kiln: Kiln, input: LockedInput, file: string, task: Task): Promise<BundlePart> {
  const { lock } = input.lockFile;
  return task.step("base", "Take the base image out", async (step) => {
    const isHere = await isPresent(kiln, { digest: lock.base, repositories: [], packages: [] });
    const tar = isHere
      ? Readable.from(baseRootfs(kiln, lock.base), { objectMode: false })
      : await input.base();
    if (tar === null) throw baseMissing(lock);
    const digester = new Digester();
    await pipeline(tar, createZstdCompress(), digester.stream(), createWriteStream(file, { flags: "wx" }), {
      signal: kiln.signal,
    }).catch((thrown: unknown) => {
      kiln.signal.throwIfAborted();
      throw diskFailure(thrown, file);
    });
    const { digest, sizeBytes } = digester;
    step.summary = formatSize(sizeBytes);
    return { title: "base.tar.zst", mediaType: mediaTypes.layerZstd, digest, sizeBytes, content: { file } };
  });
}
