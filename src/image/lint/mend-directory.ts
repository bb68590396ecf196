import { chmod, lstat, mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Failure } from "../../base/failure.ts";
import { nullIfMissing } from "../../base/system-error.ts";
import { bytesOf } from "../../oci/raw-text.ts";
import { diskFailure } from "../../store/disk.ts";
import { parentOf } from "../tree/entry.ts";
import type { Repair } from "./repair.ts";

/**
 * Does the repairs in a directory of this machine, in their order. No link in the directory is followed. What is to be made
 * and is there already, and what is to go and is not there, is passed over.
 * @throws Failure link-in-the-way (usage) when a part of a path has become a link, not-writable, disk-full (infrastructure).
 */
export async function mendDirectory(directory: string, repairs: readonly Repair[]): Promise<void> {
  const root = resolve(directory);
  for (const repair of repairs) {
    try {
      await apply(root, repair);
    } catch (thrown) {
      throw diskFailure(thrown, root);
    }
  }
}

async function apply(root: string, repair: Repair): Promise<void> {
  // Directories have no labels.
  if (repair.do === "label") return;
  await requirePlainParents(root, repair.path);
  const place = placeOf(root, repair.path);
  switch (repair.do) {
    case "remove":
      return await rm(place, { recursive: true, force: true });
    case "move":
      await requirePlainParents(root, repair.to);
      if (await isThere(placeOf(root, repair.to))) return;
      return await rename(place, placeOf(root, repair.to));
    case "directory":
      if (await isThere(place)) return;
      await mkdir(place);
      return await chmod(place, repair.mode);
    case "symlink":
      return (await isThere(place)) ? undefined : await symlink(repair.target, place);
    case "write":
      if (await isThere(place)) return;
      await writeFile(place, repair.text, { flag: "wx" });
      return await chmod(place, repair.mode);
  }
}

/** Makes the directories above a path that are missing, and refuses links, through which the path could lead out. */
async function requirePlainParents(root: string, path: string): Promise<void> {
  const parent = parentOf(path);
  if (parent === "." || path.split("/").includes("..")) return refuseIf(parent !== ".", path);
  await requirePlainParents(root, parent);
  const status = await lstat(placeOf(root, parent)).catch(nullIfMissing);
  if (status === null) return await mkdir(placeOf(root, parent));
  refuseIf(!status.isDirectory(), parent);
}

function refuseIf(isWrong: boolean, path: string): void {
  if (!isWrong) return;
  throw new Failure("usage", "link-in-the-way", `/${path} is not mended: a link or file is in the way`, {
    hint: "Something changed the directory meanwhile: start again when no other program writes to it.",
  });
}

async function isThere(place: Buffer): Promise<boolean> {
  return (await lstat(place).catch(nullIfMissing)) !== null;
}

function placeOf(root: string, path: string): Buffer {
  return bytesOf(join(root, path));
}
