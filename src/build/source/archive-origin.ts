import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import type { Task } from "../../base/event.ts";
import { Failure } from "../../base/failure.ts";
import { fetchFiles } from "../../environment/fetch.ts";
import type { Kiln } from "../../environment/kiln.ts";
import { type SourceFile, findSource } from "../../environment/source-index.ts";
import type { Attempt, Subject } from "./subject.ts";
import type { Place } from "./tools.ts";
import { isOriginal } from "./tree.ts";

/**
 * Fetches the original tarballs that the archive has of a source's upstream version: of that version of the package, or of the
 * newest if that has the same. Each is what apt's signed index says. @throws Failure what `findSource` and `fetchFiles` raise.
 */
export async function viaArchive(
  kiln: Kiln,
  subject: Subject,
  directory: string,
  { place, task }: { readonly place: () => Promise<Place>; readonly task: Task },
): Promise<Attempt> {
  const { name, upstream, version } = subject;
  const where = await place();
  for (const each of [version, null]) {
    const files = await filesOf(kiln, { ...where, name, version: each }, task);
    const originals = files.filter(({ fileName }) => isOriginal(fileName, subject.stem));
    if (originals.length === 0) continue;
    await fetchFiles(kiln, originals, task, "source");
    for (const { fileName, sha256 } of originals)
      await copyFile(kiln.store.blobPath(sha256), join(directory, fileName));
    return { made: `from the archive (${where.target.suite})` };
  }
  return { lacking: `${where.target.suite} has no ${name} of ${upstream}` };
}

async function filesOf(
  kiln: Kiln,
  wanted: Place & { readonly name: string; readonly version: string | null },
  task: Task,
): Promise<readonly SourceFile[]> {
  try {
    return await findSource(kiln, wanted, task);
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.code === "source-not-found") return [];
    throw thrown;
  }
}
