import { readFile, rm, writeFile } from "node:fs/promises";
import { isAlive, thisProcess } from "./process-identity.ts";

/** Writes who makes the thing at `path` into a file beside it, so that a later process can tell when its maker has died. */
export async function markOwner(path: string): Promise<void> {
  await writeFile(markOf(path), thisProcess(), { flag: "wx" });
}

export async function unmarkOwner(path: string): Promise<void> {
  await rm(markOf(path), { force: true });
}

/** Whether a mark's file tells of a process that has died. A mark that is gone or empty tells nothing. */
export async function isOrphaned(mark: string): Promise<boolean> {
  const owner = await readFile(mark, "utf8").catch(() => "");
  return owner !== "" && !isAlive(owner);
}

/** The path that a mark's file is about, or null when it is no mark. */
export function markedPath(file: string): string | null {
  return file.endsWith(ending) ? file.slice(0, -ending.length) : null;
}

function markOf(path: string): string {
  return `${path}${ending}`;
}

const ending = ".owner";
