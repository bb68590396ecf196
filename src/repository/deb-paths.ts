import { randomBytes } from "node:crypto";
import { mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { type Digest, hexOf } from "../base/digest.ts";
import { nullIfMissing } from "../base/system-error.ts";
import type { BinaryEntry } from "./content.ts";
import { readDebFile } from "./deb-file.ts";
import { type LocalRepository, stateDirectory } from "./settings.ts";

type Place = Pick<LocalRepository, "directory">;

/** Keeps what a .deb installs beside the repository, so that its Contents indices need no .deb to be unpacked again. */
export async function rememberPaths(place: Place, digest: Digest, paths: readonly string[]): Promise<void> {
  const path = fileOf(place, digest);
  const written = `${path}.${randomBytes(8).toString("hex")}`;
  await mkdir(directoryOf(place), { recursive: true });
  await writeFile(written, gzipSync(JSON.stringify(paths)));
  await rename(written, path);
}

/** What these packages install, by their digests; of those of which it is not known (any more) the .deb is read. */
export async function pathsOf(
  place: Place,
  entries: readonly BinaryEntry[],
  signal: AbortSignal,
): Promise<ReadonlyMap<Digest, readonly string[]>> {
  const known = new Map<Digest, readonly string[]>();
  for (const { sha256, path } of entries) {
    if (known.has(sha256)) continue;
    const recalled = await recall(place, sha256);
    if (recalled !== null) {
      known.set(sha256, recalled);
      continue;
    }
    const { paths } = await readDebFile(join(place.directory, path), { origin: path, signal });
    await rememberPaths(place, sha256, paths);
    known.set(sha256, paths);
  }
  return known;
}

/** Forgets what is not of these packages. */
export async function forgetPaths(place: Place, kept: ReadonlySet<Digest>): Promise<void> {
  for (const name of (await readdir(directoryOf(place)).catch(nullIfMissing)) ?? [])
    if (!kept.has(`sha256:${name}`)) await rm(join(directoryOf(place), name), { force: true });
}

async function recall(place: Place, digest: Digest): Promise<readonly string[] | null> {
  const bytes = await readFile(fileOf(place, digest)).catch(nullIfMissing);
  if (bytes === null) return null;
  try {
    const value: unknown = JSON.parse(gunzipSync(bytes).toString("utf8"));
    return Array.isArray(value) && value.every((each) => typeof each === "string") ? value : null;
  } catch {
    // What cannot be read is found out again.
    return null;
  }
}

function directoryOf({ directory }: Place): string {
  return join(directory, stateDirectory, "paths");
}

function fileOf(place: Place, digest: Digest): string {
  return join(directoryOf(place), hexOf(digest));
}
