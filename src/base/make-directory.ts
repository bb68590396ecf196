import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Makes a directory and those above it, as `mkdir -p`. Raises the system's own error where Node's recursive mkdir gives
 * ENOENT for a read-only file system and never returns for a path in /proc.
 */
export async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (thrown) {
    if (await isDirectory(path)) return;
    const above = dirname(path);
    if (codeOf(thrown) !== "ENOENT" || above === path || (await isDirectory(above))) throw thrown;
    await makeDirectory(above);
    await makeDirectory(path);
  }
}

async function isDirectory(path: string): Promise<boolean> {
  return await stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}

function codeOf(thrown: unknown): unknown {
  return thrown instanceof Error && "code" in thrown ? thrown.code : null;
}
