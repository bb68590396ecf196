import { access, open } from "node:fs/promises";
import { basename, join } from "node:path";

/**
 * Whether a file or directory in a source tree was put there by debkiln: what builds leave where they are run, which is in the
 * tree unless `--output` says otherwise, is no part of the source.
 */
export async function isOwnOutput(tree: string, path: string): Promise<boolean> {
  const name = basename(path);
  const place = join(tree, path);
  if (stagingName.test(name) || besideName.test(name)) return true;
  if (resultsName.test(name)) return await exists(join(place, "result.json"));
  if (path === "lock.fetched") return await exists(join(place, "oci-layout"));
  return path === "lock.json" && (await isLock(place));
}

/** `NAME_VERSION_ARCH`, as `BuildPlan` has it. */
const results = "[a-z0-9][a-z0-9+.-]+_[0-9][A-Za-z0-9.+~-]*_[a-z0-9-]+";
const resultsName = new RegExp(`^${results}$`);
/** A failure's remains, and packages of the archive that results were compared with. */
const besideName = new RegExp(`^${results}\\.(failed|archive)$`);
/** `publishDirectory` and its marks of who is at it. */
const stagingName = new RegExp(`^\\.${results}(\\.failed|\\.archive)?\\.(new|old)-[0-9a-f]{12}(\\.owner)?$`);

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Whether it begins as lock files do. */
async function isLock(path: string): Promise<boolean> {
  try {
    await using file = await open(path);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(64), 0, 64, 0);
    return /^\s*\{\s*"kind":\s*"debkiln-lock"/.test(buffer.toString("latin1", 0, bytesRead));
  } catch {
    // Whoever reads the tree says what is wrong with a file that cannot be read.
    return false;
  }
}
