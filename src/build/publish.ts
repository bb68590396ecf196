import { randomBytes } from "node:crypto";
import { type Dirent } from "node:fs";
import { mkdir, readdir, rename, rm, rmdir } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { isOrphaned, markOwner, markedPath, unmarkOwner } from "../base/owner-mark.ts";
import { Failure } from "../base/failure.ts";
import { errorCode } from "../base/system-error.ts";

/** A fresh directory beside another. Disposing removes it with all that is in it, unless it was published or kept. */
export interface StagingDirectory extends AsyncDisposable {
  readonly path: string;
  /** Leaves it where it is for good, for someone to look at. */
  keep(): Promise<void>;
}

/** Makes a fresh directory beside `directory`, on the same file system. @throws Failure output-unwritable. */
export async function stagingDirectory(directory: string): Promise<StagingDirectory> {
  const path = besideName(directory, "new");
  try {
    await markOwner(path);
    await mkdir(path);
  } catch (cause) {
    await unmarkOwner(path);
    throw unwritable(directory, cause);
  }
  let isKept = false;
  return {
    path,
    keep: async () => {
      isKept = true;
      await unmarkOwner(path);
    },
    [Symbol.asyncDispose]: async () => {
      if (isKept) return;
      await rm(path, { recursive: true, force: true });
      await unmarkOwner(path);
    },
  };
}

/**
 * Removes what processes that have died left in the directory that results' directories are in. Earlier results that were
 * just being replaced are put back where new ones did not come to be.
 */
export async function reapStaging(parent: string): Promise<void> {
  for (const file of await readdir(parent)) {
    const path = markedPath(join(parent, file));
    const [, name, kind] = stagingName.exec(path === null ? "" : basename(path)) ?? [];
    if (path === null || name === undefined || !(await isOrphaned(join(parent, file)))) continue;
    await reap(path, kind === "old" ? join(parent, name) : null).catch(ignoreForbidden);
  }
}

/** Removes a leftover, or puts earlier results back into their place when nothing is there. */
async function reap(path: string, place: string | null): Promise<void> {
  const isOnlyCopy = place !== null && (await list(place)) === null;
  if (isOnlyCopy && (await list(path)) !== null) await rename(path, place);
  else await rm(path, { recursive: true, force: true });
  await unmarkOwner(path);
}

/** What another user's process left is that user's to remove. */
function ignoreForbidden(thrown: unknown): void {
  const cause = thrown instanceof Failure ? thrown.cause : thrown;
  if (!["EACCES", "EPERM"].includes(errorCode(cause) ?? "")) throw thrown;
}

const stagingName = /^\.(.+)\.(new|old)-[0-9a-f]{12}$/;

/**
 * Puts a staging directory in the place of `directory` by renaming. Earlier results there are removed once the new
 * ones are in place; of several builds that come to it at once, the last has it.
 * @throws Failure output-occupied (usage) when the directory holds anything that is not a build's, output-unwritable: what
 * was there is there again then, and the staging directory as it was.
 */
export async function publishDirectory(staging: StagingDirectory, directory: string): Promise<void> {
  const earlier: string[] = [];
  for (let attempt = 1; ; attempt++) {
    try {
      const old = await setAside(directory);
      if (old !== null) earlier.push(old);
      await rename(staging.path, directory);
      break;
    } catch (thrown) {
      if (attempt < publishAttempts && hasRaced(thrown)) continue;
      await putBack(earlier.pop() ?? null, directory);
      await Promise.all(earlier.map(removeOld));
      throw thrown instanceof Failure ? thrown : unwritable(directory, thrown);
    }
  }
  await Promise.all(earlier.map(removeOld));
}

/** Each loss of a race means that another build has published: this many at one moment are none. */
const publishAttempts = 50;

/** Whether another build renamed the same directory between two of our calls (rename(2), rmdir(2)). */
function hasRaced(thrown: unknown): boolean {
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
  return ["ENOENT", "ENOTEMPTY", "EEXIST"].includes(code);
}

/** Returns what was set aside to its place, unless another build's results are there by now. */
async function putBack(old: string | null, directory: string): Promise<void> {
  if (old === null) return;
  try {
    await rename(old, directory);
    await unmarkOwner(old);
  } catch (thrown) {
    if (!hasRaced(thrown)) throw unwritable(directory, thrown);
    await removeOld(old);
  }
}

async function removeOld(old: string): Promise<void> {
  await rm(old, { recursive: true, force: true });
  await unmarkOwner(old);
}

/** Removes a build's results; a directory that holds anything else stays as it is. */
export async function removeResults(directory: string): Promise<void> {
  const entries = await list(directory);
  if (entries !== null && isResults(entries)) await rm(directory, { recursive: true, force: true });
}

/** Whether `publishDirectory` would put something there. @throws Failure output-occupied (usage) when it would not. */
export async function requireReplaceable(directory: string): Promise<void> {
  const entries = await list(directory);
  if (entries !== null && !isResults(entries)) throw occupied(directory);
}

/** Moves earlier results away, and gives where to; null when there are none. */
async function setAside(directory: string): Promise<string | null> {
  const entries = await list(directory);
  if (entries === null) return null;
  if (!isResults(entries)) throw occupied(directory);
  const old = besideName(directory, "old");
  if (entries.length === 0) {
    await rmdir(directory);
    return null;
  }
  await markOwner(old);
  try {
    await rename(directory, old);
  } catch (thrown) {
    await unmarkOwner(old);
    throw thrown;
  }
  return old;
}

async function list(directory: string): Promise<Dirent[] | null> {
  try {
    return await readdir(directory, { withFileTypes: true });
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT") return null;
    if (errorCode(thrown) === "ENOTDIR") throw occupied(directory);
    throw unwritable(directory, thrown);
  }
}

/** A directory that may be replaced as a whole: empty, or flat with what a build leaves at its heart. */
function isResults(entries: readonly Dirent[]): boolean {
  if (entries.length === 0) return true;
  const flat = entries.every((entry) => !entry.isDirectory());
  return (
    flat && entries.some((entry) => entry.isFile() && /^result\.json$|\.(changes|build)$/.test(entry.name))
  );
}

function besideName(directory: string, kind: "new" | "old"): string {
  const full = resolve(directory);
  return join(dirname(full), `.${basename(full)}.${kind}-${randomBytes(6).toString("hex")}`);
}

function occupied(directory: string): Failure {
  return new Failure(
    "usage",
    "output-occupied",
    `${directory} holds files that are not an earlier build's results`,
    {
      hint: "Name another output directory, or one that does not exist yet.",
      details: { directory },
    },
  );
}

/** The failure of writing results: `disk-full` or `output-unwritable` (infrastructure). */
export function unwritable(path: string, cause: unknown): Failure {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const code = errorCode(cause);
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new Failure("infrastructure", "disk-full", `No space is left for ${path}`, {
      hint: "Free some space there (`debkiln gc` removes what debkiln keeps), or name another output directory.",
      details: { path },
      cause,
    });
  }
  return new Failure("infrastructure", "output-unwritable", `Cannot write ${path}: ${reason}`, {
    hint: "Check that its parent directory exists, is yours to write and has free space.",
    details: { path },
    cause,
  });
}
