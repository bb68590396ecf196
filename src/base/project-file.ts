import { lstat, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { nullIfMissing } from "./system-error.ts";

/** Where a project's file is looked for, and by whom. */
export interface ProjectSearch {
  readonly directory: string;
  readonly name: string;
  /** The last directory that is looked at. */
  readonly home: string;
  /** The user's id. */
  readonly uid: number;
}

/** A project's file; `distrusted` says why it is not read, and is null for one that is. */
export interface ProjectFile {
  readonly path: string;
  readonly distrusted: string | null;
}

/**
 * The nearest file of that name upward from a directory. The way up ends at the user's home and below the first directory
 * that is another's or that anyone may write to, such as /tmp. Only regular files of the user or root are to be trusted.
 */
export async function findProjectFile({
  directory,
  name,
  home,
  uid,
}: ProjectSearch): Promise<ProjectFile | null> {
  const start = resolve(directory);
  for (let at = start; ; at = dirname(at)) {
    if (at !== start && !(await isOwn(at, uid))) return null;
    const path = join(at, name);
    const link = await lstat(path).catch(nullIfMissing);
    const file = link === null ? null : await stat(path).catch(nullIfMissing);
    if (link !== null && file !== null) {
      const stranger = [link, file].find((each) => each.uid !== uid && each.uid !== 0);
      if (stranger !== undefined) return { path, distrusted: `it belongs to the user id ${stranger.uid}` };
      return { path, distrusted: file.isFile() ? null : "it is not a regular file" };
    }
    if (at === resolve(home) || at === dirname(at)) return null;
  }
}

async function isOwn(directory: string, uid: number): Promise<boolean> {
  const status = await stat(directory).catch(() => null);
  return status !== null && status.uid === uid && (status.mode & 0o002) === 0;
}
