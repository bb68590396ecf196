import { link, mkdir, readdir, rm, rmdir } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { digestOfFile } from "../base/digester.ts";
import { type Digest, hexOf } from "../base/digest.ts";
import { errorCode, nullIfMissing } from "../base/system-error.ts";
import { poolDirectory } from "../debian/binary-package.ts";
import type { LocalRepository } from "./settings.ts";

/** A file on its way into the pool. */
export interface StagedFile {
  readonly name: string;
  readonly staged: string;
  readonly sha256: Digest;
}

/**
 * Puts files that belong together into the pool, all in one directory; gives that directory, from the repository's. Where other
 * bytes lie under one of the names they get a directory of their own: what readers of an older index want stays as it is.
 */
export async function putInPool(
  { directory }: Pick<LocalRepository, "directory">,
  { component, source }: { readonly component: string; readonly source: string },
  files: readonly StagedFile[],
  signal: AbortSignal,
): Promise<string> {
  const usual = join("pool", component, poolDirectory(source));
  if (await putInto(join(directory, usual), files, signal)) return usual;
  const own = join(usual, hexOf(files[0]?.sha256 ?? "sha256:").slice(0, 12));
  await putInto(join(directory, own), files, signal);
  return own;
}

/** Removes what no published state names. Gives how many files that were. */
export async function prunePool(
  { directory }: Pick<LocalRepository, "directory">,
  named: ReadonlySet<string>,
): Promise<number> {
  const pool = join(directory, "pool");
  const entries = (await readdir(pool, { recursive: true, withFileTypes: true }).catch(nullIfMissing)) ?? [];
  let removed = 0;
  for (const entry of entries.filter((each) => !each.isDirectory())) {
    const path = join(entry.parentPath, entry.name);
    if (named.has(relative(directory, path))) continue;
    await rm(path, { force: true });
    removed += 1;
    await removeEmpty(entry.parentPath, pool);
  }
  return removed;
}

/** Whether they could be put there: false when one of the names has other bytes. */
async function putInto(place: string, files: readonly StagedFile[], signal: AbortSignal): Promise<boolean> {
  await mkdir(place, { recursive: true });
  for (const { name, staged, sha256 } of files) {
    const path = join(place, name);
    const isNew = await link(staged, path).then(
      () => true,
      (thrown: unknown) => {
        if (errorCode(thrown) === "EEXIST") return false;
        throw thrown;
      },
    );
    if (!isNew && (await digestOfFile(path, signal)) !== sha256) return false;
  }
  return true;
}

async function removeEmpty(directory: string, top: string): Promise<void> {
  for (let each = directory; each !== dirname(top); each = dirname(each)) {
    const isGone = await rmdir(each).then(
      () => true,
      () => false,
    );
    if (!isGone) return;
  }
}
