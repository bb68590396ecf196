import { mkdir, readdir, rename, rm, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { type Digest, hexOf, keyOf } from "../../base/digest.ts";
import { type Task, throwIfAborted } from "../../base/event.ts";
import { Failure, asFailure } from "../../base/failure.ts";
import { makeDirectory } from "../../base/make-directory.ts";
import { errorCode } from "../../base/system-error.ts";
import type { Kiln } from "../../environment/kiln.ts";
import type { RemoteState } from "./git-checkout.ts";
import type { OrigChoice } from "./policy.ts";
import type { Repository } from "./repository.ts";
import type { Attempt, Subject } from "./subject.ts";
import type { Place } from "./tools.ts";

type Way = Exclude<OrigChoice, "auto" | "beside">;

export interface OriginalsWanted {
  readonly subject: Subject;
  readonly choice: OrigChoice;
  /** The git that the source is in, if it is. */
  readonly repository: KnownRepository | null;
  /** Whether the tree is `debian/` alone, which is nothing without them. */
  readonly debianOnly: boolean;
  readonly place: () => Promise<Place>;
  readonly task: Task;
}

/** A repository of which is known what it has, and which is brought here when it is needed. */
export interface KnownRepository extends RemoteState {
  readonly open: () => Promise<Repository>;
}

/** The original tarballs and where they are, or why there are none. */
export type Originals =
  | { readonly directory: string; readonly how: string }
  | { readonly directory: null; readonly tried: readonly string[] };

/**
 * Makes or fetches original tarballs that are not beside their tree: by the way that was chosen, or by those that suit the source,
 * as git-buildpackage and origtargz(1) go about it. What came of it is kept.
 * @throws Failure orig-tarball-missing (package) when the way that was chosen leads nowhere.
 */
export async function findOriginals(kiln: Kiln, wanted: OriginalsWanted): Promise<Originals> {
  const tried: string[] = [];
  for (const way of waysOf(wanted)) {
    const key = keyFor(way, wanted);
    const directory = join(kiln.store.directory, "sources", hexOf(key));
    const known = await recallMade(kiln, key, directory);
    const attempt = known ?? (await attemptOf(kiln, way, wanted, directory));
    if ("made" in attempt) {
      await kiln.store.remember("originals", key, attempt);
      wanted.task.note(`original tarball: ${attempt.made}`);
      return { directory, how: attempt.made };
    }
    tried.push(`${way}: ${attempt.lacking}`);
  }
  if (wanted.choice === "auto" || wanted.choice === "beside") return { directory: null, tried };
  throw missing(wanted.subject, tried);
}

/** Without a git and with a whole tree nothing is done unasked: mostly only binaries are wanted of such. Pure. */
export function waysOf({
  choice,
  repository,
  debianOnly,
}: Pick<OriginalsWanted, "choice" | "repository" | "debianOnly">): readonly Way[] {
  if (choice === "beside") return [];
  if (choice !== "auto") return [choice];
  return [
    ...(repository === null ? [] : (["pristine-tar", "tag"] as const)),
    ...(debianOnly ? (["archive", "uscan"] as const) : []),
  ];
}

function keyFor(way: Way, { subject, repository }: OriginalsWanted): Digest {
  const { name, version, stem, conf } = subject;
  const git = way === "pristine-tar" || way === "tag" ? (repository?.listing ?? null) : null;
  const commit = conf.upstreamTree.toUpperCase() === "SLOPPY" ? (repository?.commit ?? null) : null;
  return keyOf({ originals: way, name, version, stem, conf, git, commit });
}

const Made = z.strictObject({ made: z.string() });

async function recallMade(
  { store }: Kiln,
  key: Digest,
  directory: string,
): Promise<{ readonly made: string } | null> {
  const made = await store.recall("originals", key, Made);
  const now = new Date();
  const isThere = await utimes(directory, now, now).then(
    () => true,
    () => false,
  );
  return made !== null && isThere ? made : null;
}

/** In `auto` a way that fails is one that leads nowhere. */
async function attemptOf(kiln: Kiln, way: Way, wanted: OriginalsWanted, directory: string): Promise<Attempt> {
  const staging = await kiln.store.temporaryDirectory();
  try {
    const files = join(staging, "files");
    await mkdir(files);
    const attempt = await go(kiln, way, wanted, files);
    if ("lacking" in attempt) return attempt;
    if ((await readdir(files)).length === 0) return { lacking: "it gave none" };
    await makeDirectory(dirname(directory));
    await rm(directory, { recursive: true, force: true });
    await rename(files, directory).catch((thrown: unknown) => {
      // Another debkiln was first: it has the same.
      if (!["ENOTEMPTY", "EEXIST"].includes(errorCode(thrown) ?? "")) throw thrown;
    });
    return attempt;
  } catch (thrown) {
    throwIfAborted(kiln.signal);
    if (wanted.choice !== "auto") throw thrown;
    return { lacking: asFailure(thrown).message };
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** Each way is loaded only when it is gone: few sources need any. */
async function go(kiln: Kiln, way: Way, wanted: OriginalsWanted, files: string): Promise<Attempt> {
  const { subject, repository, place, task } = wanted;
  if (way === "archive") {
    const { viaArchive } = await import("./archive-origin.ts");
    return await viaArchive(kiln, subject, files, { place, task });
  }
  if (way === "uscan") {
    const { viaUscan } = await import("./uscan.ts");
    return await viaUscan(kiln, subject, files, { place, task });
  }
  if (repository === null) return { lacking: "the source is not in git" };
  const opened = await repository.open();
  if (way === "pristine-tar") {
    const { viaPristineTar } = await import("./pristine-tar.ts");
    return await viaPristineTar(kiln, opened, subject, files, { place, task });
  }
  const { archiveTree } = await import("./archive-tree.ts");
  return await archiveTree(opened, repository.commit, subject, files, { signal: kiln.signal });
}

function missing({ stem }: Subject, tried: readonly string[]): Failure {
  return new Failure(
    "package",
    "orig-tarball-missing",
    `${stem}.tar.* cannot be had by ${tried.join("; ")}`,
    {
      hint: "--orig=auto tries every way that suits the source; one that lies beside the tree is always taken then.",
      details: { tried },
    },
  );
}
