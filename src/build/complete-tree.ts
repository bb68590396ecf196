import { lstat, rm } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../base/failure.ts";
import { nullIfMissing } from "../base/system-error.ts";
import type { Kiln } from "../environment/kiln.ts";
import type { OpenedSource } from "./source.ts";
import type { SourceOpening } from "./source/opening.ts";
import { type KnownRepository, findOriginals } from "./source/originals.ts";
import { borrowClone, listClone, referencesIn } from "./source/repository.ts";
import { hasOriginals, subjectIn } from "./source/subject.ts";
import { openTree } from "./source/tree.ts";

/**
 * A tree with its original tarballs: those beside it, unless another way was chosen; else made or fetched, where they are needed.
 * @throws Failure what `findOriginals` raises.
 */
export async function completeTree(
  kiln: Kiln,
  source: OpenedSource,
  repository: KnownRepository | null,
  opening: SourceOpening,
): Promise<OpenedSource> {
  const { directory, debianOnly = false } = source;
  const { orig: choice } = opening.policy;
  const isChosen = choice !== "auto" && choice !== "beside";
  if (directory === null || !hasOriginals(source.package)) return source;
  if (!isChosen && source.origTarballs.length > 0) return source;
  if (!isChosen && !debianOnly && opening.originals === "unwanted") return source;
  const originals = await findOriginals(kiln, {
    subject: await subjectIn(directory, source.package),
    choice,
    repository,
    debianOnly,
    place: () => opening.place(source.package.distribution),
    task: opening.task,
  });
  if (originals.directory === null) return { ...source, origTried: originals.tried };
  const complete = await openTree(directory, originals.directory);
  return { ...complete, findings: [`Original tarball: ${originals.how}`] };
}

/** As `completeTree`, of a tree that lies here: of the git that it may be a clone of. */
export async function completeClone(
  kiln: Kiln,
  source: OpenedSource,
  opening: SourceOpening,
): Promise<OpenedSource> {
  const { directory } = source;
  const isClone = directory !== null && (await lstat(join(directory, ".git")).catch(nullIfMissing)) !== null;
  if (!isClone) return await completeTree(kiln, source, null, opening);
  const temporary = await kiln.store.temporaryDirectory();
  const run = { signal: kiln.signal };
  try {
    const listing = await listClone(directory, run).catch((thrown: unknown) => {
      run.signal.throwIfAborted();
      if (!(thrown instanceof Failure) || opening.policy.orig !== "auto") throw thrown;
      opening.task.note(`the git of the tree is not used: ${thrown.message}`);
      return "";
    });
    const commit = referencesIn(listing).get("HEAD") ?? "";
    const open = () => borrowClone(directory, listing, join(temporary, "repository.git"), run);
    return await completeTree(kiln, source, listing === "" ? null : { commit, listing, open }, opening);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
