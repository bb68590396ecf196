import { constants, open, realpath } from "node:fs/promises";
import { join, sep } from "node:path";
import { Failure } from "../../base/failure.ts";
import { errorCode } from "../../base/system-error.ts";

/**
 * The start of a file of a source tree, as text, or null when there is none: up to `limit` bytes. Symbolic links are
 * followed as long as they stay in the tree. @throws Failure link-out-of-tree (package), source-unreadable (usage).
 */
export async function readInside(directory: string, path: string, limit: number): Promise<string | null> {
  try {
    const top = await realpath(directory);
    const real = await realpath(join(top, path));
    if (!real.startsWith(top + sep)) throw linkOutOfTree(path);
    return (await readStart(real, limit)).toString("utf8");
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT") return null;
    throw thrown instanceof Failure ? thrown : unreadable(join(directory, path), thrown);
  }
}

/** As many bytes of a regular file as `limit`. A named pipe or device is not waited for. */
export async function readStart(path: string, limit: number): Promise<Buffer> {
  await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  const stats = await file.stat();
  if (!stats.isFile()) throw unreadable(path, "it is not a regular file");
  const bytes = Buffer.alloc(Math.min(stats.size, limit));
  let filled = 0;
  while (filled < bytes.length) {
    const { bytesRead } = await file.read(bytes, filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

export function unreadable(path: string, cause: unknown): Failure {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new Failure("usage", "source-unreadable", `Cannot read ${path}: ${reason}`, {
    hint: "Make it readable for the user who builds; files in a source tree that a root build left can be removed.",
    details: { path },
    cause,
  });
}

function linkOutOfTree(path: string): Failure {
  return new Failure(
    "package",
    "link-out-of-tree",
    `${path} is a symbolic link that leads out of the source tree`,
    {
      hint: "Put the file itself there.",
      details: { path },
    },
  );
}
