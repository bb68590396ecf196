import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { errorCode } from "./system-error.ts";

/**
 * Makes a directory and those above it, as `mkdir -p`. Raises the system's own error where Node's recursive mkdir gives
 * ENOENT for a read-only file system and never returns for a path in /proc.
 */
export async function makeDirectory(path: string): Promise<void> {
  const refused = await makeOne(path);
  if (refused === null) return;
  const above = dirname(path);
  if (errorCode(refused) !== "ENOENT" || above === path) throw refused;
  if (!(await isDirectory(above))) await makeDirectory(above);
  // Also when it is there: another maker may have made it meanwhile.
  const again = await makeOne(path);
  if (again !== null) throw again;
}

/** The failure of making one directory, unless there is one in the end. */
async function makeOne(path: string): Promise<unknown> {
  try {
    await mkdir(path);
    return null;
  } catch (thrown) {
    return (await isDirectory(path)) ? null : thrown;
  }
}

async function isDirectory(path: string): Promise<boolean> {
  return await stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}
