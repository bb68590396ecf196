import { randomBytes } from "node:crypto";
import { mkdir, readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { isOrphaned, markOwner, markedPath, unmarkOwner } from "./owner-mark.ts";
import { errorCode, nullIfMissing } from "./system-error.ts";

/** A directory of this process's own. Disposing removes it with all that is in it. */
export interface OwnedDirectory extends AsyncDisposable {
  readonly path: string;
}

/**
 * Makes one, for this user alone, with a name that begins so; those of processes that have died are removed on the way. The
 * parent must be there. Raises the system's own errors.
 */
export async function ownedDirectory(parent: string, prefix: string): Promise<OwnedDirectory> {
  await removeOrphans(parent, prefix);
  const path = join(parent, `${prefix}${randomBytes(8).toString("hex")}`);
  const remove = async () => {
    await rm(path, { recursive: true, force: true });
    await unmarkOwner(path);
  };
  // The mark comes first and goes last: there is no moment at which a killed process leaves what nobody can tell the owner of.
  await markOwner(path);
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (thrown) {
    await unmarkOwner(path);
    throw thrown;
  }
  return { path, [Symbol.asyncDispose]: remove };
}

async function removeOrphans(parent: string, prefix: string): Promise<void> {
  for (const file of (await readdir(parent).catch(nullIfMissing)) ?? []) {
    const path = markedPath(join(parent, file));
    if (path === null || !basename(path).startsWith(prefix)) continue;
    if (!(await isOrphaned(join(parent, file)))) continue;
    await rm(path, { recursive: true, force: true }).catch(ignoreForbidden);
    await unmarkOwner(path).catch(ignoreForbidden);
  }
}

/** What another user's process left in a directory that all share is that user's to remove. */
function ignoreForbidden(thrown: unknown): void {
  if (!["EACCES", "EPERM"].includes(errorCode(thrown) ?? "")) throw thrown;
}
