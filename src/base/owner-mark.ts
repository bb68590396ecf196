import { randomBytes } from "node:crypto";
import { readFile, unlink, writeFile } from "node:fs/promises";
import { isAlive, lifeOf, thisProcess } from "./process-identity.ts";
import { nullIfMissing } from "./system-error.ts";

/** Writes who makes the thing at `path` into a file beside it, so that a later process can tell when its maker has died. */
export async function markOwner(path: string): Promise<void> {
  await writeFile(markOf(path), thisProcess(), { flag: "wx" });
}

/** Raises the system's own errors; node's `rm` would say ENOTDIR of another user's file in a sticky directory. */
export async function unmarkOwner(path: string): Promise<void> {
  await unlink(markOf(path)).catch(nullIfMissing);
}

/** Whether a mark's file tells of a process that has died. A mark that is gone or empty tells nothing. */
export async function isOrphaned(mark: string): Promise<boolean> {
  const owner = await readFile(mark, "utf8").catch(() => "");
  return owner !== "" && !isAlive(owner);
}

/** A file name that nothing else has and that says itself who owns it: for what lives too briefly for a mark of its own. */
export function ownedName(): string {
  return `${encodeURIComponent(thisProcess())}~${randomBytes(8).toString("hex")}`;
}

/** Whether the owner that a name of `ownedName`'s tells of still runs; of any other name nothing is known. */
export function lifeOfOwner(name: string): ReturnType<typeof lifeOf> {
  const [, owner = ""] = /^([^~]+)~[0-9a-f]{16}$/.exec(name) ?? [];
  try {
    return lifeOf(decodeURIComponent(owner));
  } catch {
    return "unknown";
  }
}

/** The path that a mark's file is about, or null when it is no mark. */
export function markedPath(file: string): string | null {
  return file.endsWith(ending) ? file.slice(0, -ending.length) : null;
}

function markOf(path: string): string {
  return `${path}${ending}`;
}

const ending = ".owner";
