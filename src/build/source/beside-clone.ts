import { copyFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { SourcePackage } from "../../debian/source-package.ts";
import { findOrigTarballs, origTarballsIn } from "./tree.ts";

/** Copies the original tarballs of a source that lie beside a clone on this machine. Gives whether there are any. */
export async function copyOrigTarballs(
  url: string,
  source: SourcePackage,
  directory: string,
): Promise<boolean> {
  const above = besideClone(url);
  if (above === null) return false;
  const names = await findOrigTarballs(above, source);
  for (const name of names) await copyFile(join(above, name), join(directory, name));
  return names.length > 0;
}

/**
 * What tells whether `copyOrigTarballs` would now copy the same: the name, size in bytes and time of change in nanoseconds of
 * each original tarball beside a clone here, of whatever source, as which one the clone holds is known only once it is fetched.
 */
export async function origTarballState(url: string): Promise<readonly string[]> {
  const above = besideClone(url);
  if (above === null) return [];
  const names = await origTarballsIn(above);
  return await Promise.all(
    names.map(async (name) => {
      // A tarball may be a link, as uscan(1) makes them; one that leads nowhere fails when it is copied.
      const stats = await stat(join(above, name), { bigint: true }).catch(() => null);
      return stats === null ? name : `${name} ${stats.size} ${stats.mtimeNs}`;
    }),
  );
}

/** The directory that a clone on this machine is in; null for one elsewhere. */
function besideClone(url: string): string | null {
  return url.startsWith("file:") ? dirname(fileURLToPath(url)) : null;
}
