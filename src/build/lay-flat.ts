import { copyFile, link, rename, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { digestOfFile } from "../base/digester.ts";
import { Failure } from "../base/failure.ts";
import { nullIfMissing } from "../base/system-error.ts";
import type { BuildOutcome } from "./conclude.ts";
import { stagingDirectory, unwritable } from "./publish.ts";
import type { Artifact } from "./result.ts";
import { isOriginal } from "./source/tree.ts";

/**
 * Lays a successful build's files and its log into the directory above its own, too, as dpkg-buildpackage(1) leaves them: each
 * by one rename, the .changes as the last. What is there of an earlier build is replaced; an original tarball with other
 * content is somebody's source and stays.
 * @throws Failure output-occupied (usage), output-unwritable, disk-full (infrastructure): the results are in their directory.
 */
export async function layFlat(outcome: BuildOutcome, signal: AbortSignal): Promise<BuildOutcome> {
  const { directory, result } = outcome;
  const above = dirname(directory);
  const artifacts: Artifact[] = [];
  for (const each of result.artifacts) if (!(await isThere(above, each, signal))) artifacts.push(each);
  await using staging = await stagingDirectory(directory);
  const log = `${basename(directory)}.build`;
  const names = [log, ...artifacts.toSorted(changesLast).map(({ name }) => name)];
  for (const name of names) {
    try {
      await duplicate(join(directory, name), join(staging.path, name));
      await rename(join(staging.path, name), join(above, name));
    } catch (thrown) {
      throw unwritable(join(above, name), thrown);
    }
  }
  return { ...outcome, flat: above };
}

/** Debian's tools write over control files in place, as in signing: those are copied. The rest is large. */
async function duplicate(from: string, to: string): Promise<void> {
  if (/\.(changes|buildinfo|dsc|build)$/.test(from)) return await copyFile(from, to);
  await link(from, to).catch(() => copyFile(from, to));
}

function changesLast(one: Artifact, other: Artifact): number {
  return Number(one.kind === "changes") - Number(other.kind === "changes");
}

/** Whether an original tarball is there already, perhaps as a link to another place. @throws Failure output-occupied for another. */
async function isThere(
  directory: string,
  { name, sizeBytes, sha256 }: Artifact,
  signal: AbortSignal,
): Promise<boolean> {
  if (!isOriginal(name, name.slice(0, name.lastIndexOf(".orig") + ".orig".length))) return false;
  const path = join(directory, name);
  const found = await stat(path).catch(nullIfMissing);
  if (found === null) return false;
  if (found.size === sizeBytes && (await digestOfFile(path, signal)) === sha256) return true;
  throw new Failure("usage", "output-occupied", `${path} is another original tarball than the build's`, {
    hint: "Remove it, or build with it (--orig beside).",
  });
}
