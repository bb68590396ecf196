import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { Failure } from "../../base/failure.ts";
import { errorCode } from "../../base/system-error.ts";
import { loadExeca } from "../../base/load-execa.ts";
import { compressions } from "./gbp-conf.ts";
import { type GitRun, git, gitInto } from "./git.ts";
import type { Repository } from "./repository.ts";
import type { Attempt, Subject } from "./subject.ts";
import { upstreamTags } from "./upstream-tags.ts";

/**
 * Makes the original tarballs of a commit that holds upstream's source, the bytes that `gbp export-orig` makes: of a tag, a
 * branch or what else the source's gbp.conf names, components each of their directory.
 * @throws Failure what `git` raises, compressor-missing (infrastructure).
 */
export async function archiveTree(
  repository: Repository,
  head: string,
  subject: Subject,
  directory: string,
  run: GitRun,
): Promise<Attempt> {
  const upstream = await upstreamIn(repository, head, subject, run);
  if ("lacking" in upstream) return upstream;
  const { components } = subject.conf;
  const { treeish, shown } = upstream;
  const entries = components.length === 0 ? [] : await entriesOf(repository, treeish, run);
  const missing = components.find(
    (each) => !entries.some(({ name, type }) => name === each && type === "tree"),
  );
  if (missing !== undefined) return { lacking: `${shown} has no directory ${missing} for that component` };
  const kept = entries.filter(({ name, type }) => type !== "tree" || !components.includes(name));
  const main =
    components.length === 0
      ? treeish
      : await commitOf(repository, treeish, await treeOf(repository, kept, run), run);
  await pack(repository, main, subject, join(directory, fileName(subject, null)), run);
  for (const { name, object } of entries.filter((each) => components.includes(each.name))) {
    const commit = await commitOf(repository, treeish, object, run);
    await pack(repository, commit, subject, join(directory, fileName(subject, name)), run);
  }
  return { made: `made of ${shown} by git archive, so with upstream's files but not its bytes` };
}

function fileName({ stem, conf }: Subject, component: string | null): string {
  return `${stem}${component === null ? "" : `-${component}`}.tar.${conf.compression ?? "gz"}`;
}

/** What the source's gbp.conf names as upstream's tree. */
async function upstreamIn(
  repository: Repository,
  head: string,
  { upstream, conf }: Subject,
  run: GitRun,
): Promise<{ readonly treeish: string; readonly shown: string } | { readonly lacking: string }> {
  const { references } = repository;
  const { upstreamTree, upstreamBranch } = conf;
  if (upstreamTree.toUpperCase() === "SLOPPY") {
    const entries = await entriesOf(repository, head, run);
    const kept = await treeOf(
      repository,
      entries.filter(({ name }) => name !== "debian"),
      run,
    );
    return { treeish: await commitOf(repository, head, kept, run), shown: "the tree without debian/" };
  }
  if (upstreamTree.toUpperCase() === "BRANCH") {
    const name = [`refs/heads/${upstreamBranch}`, `refs/remotes/origin/${upstreamBranch}`].find((each) =>
      references.has(each),
    );
    return name === undefined
      ? { lacking: `there is no branch ${upstreamBranch} (upstream-branch in gbp.conf)` }
      : { treeish: name, shown: `the branch ${upstreamBranch}` };
  }
  const isTag = upstreamTree.toUpperCase() === "TAG";
  const wanted = isTag ? upstreamTags(upstream, conf.upstreamTag) : [upstreamTree];
  const kinds = isTag ? ["tags"] : ["tags", "heads", "remotes/origin"];
  for (const word of wanted) {
    const name = kinds.map((kind) => `refs/${kind}/${word}`).find((each) => references.has(each));
    if (name !== undefined) return { treeish: name, shown: `${isTag ? "the tag " : ""}${word}` };
  }
  return { lacking: `there is no ${isTag ? "tag " : ""}${wanted.join(", ")}` };
}

interface TreeItem {
  readonly mode: string;
  readonly type: string;
  readonly object: string;
  readonly name: string;
}

async function entriesOf({ inside }: Repository, treeish: string, run: GitRun): Promise<readonly TreeItem[]> {
  const listing = await git([...inside, "ls-tree", "-z", "--full-tree", "--end-of-options", treeish], run);
  return listing.split("\0").flatMap((line) => {
    const [, mode, type, object, name] = /^(\d+) (\w+) ([0-9a-f]+)\t(.*)$/s.exec(line) ?? [];
    return mode === undefined || type === undefined || object === undefined || name === undefined
      ? []
      : [{ mode, type, object, name }];
  });
}

/** A tree with just these entries, as git-buildpackage makes it for a tarball without its components. */
export async function treeOf(
  { inside }: Repository,
  entries: readonly TreeItem[],
  run: GitRun,
): Promise<string> {
  const text = entries.map(({ mode, type, object, name }) => `${mode} ${type} ${object}\t${name}\0`).join("");
  return (await git([...inside, "mktree", "-z"], { ...run, input: text })).trim();
}

/** The tree of a commit without some of its directories. */
export async function withoutDirectories(
  repository: Repository,
  treeish: string,
  directories: readonly string[],
  run: GitRun,
): Promise<string> {
  const entries = await entriesOf(repository, treeish, run);
  return await treeOf(
    repository,
    entries.filter(({ name, type }) => type !== "tree" || !directories.includes(name)),
    run,
  );
}

/** A commit of a tree with the time of another: `git archive` of a tree alone would take the time of now. */
async function commitOf({ inside }: Repository, like: string, tree: string, run: GitRun): Promise<string> {
  const time = (await git([...inside, "log", "-1", "--format=%ct", "--end-of-options", like], run)).trim();
  const environment = Object.fromEntries(
    ["AUTHOR", "COMMITTER"].flatMap((who) => [
      [`GIT_${who}_NAME`, "upstream"],
      [`GIT_${who}_EMAIL`, "upstream"],
      [`GIT_${who}_DATE`, `@${time} +0000`],
    ]),
  );
  const words = [...inside, "commit-tree", "-m", "upstream", tree];
  return (await git(words, { ...run, environment: { ...run.environment, ...environment } })).trim();
}

async function pack(
  { inside }: Repository,
  treeish: string,
  { name, upstream, conf }: Subject,
  file: string,
  run: GitRun,
): Promise<void> {
  const program = compressions[conf.compression ?? "gz"];
  const level = conf.compressionLevel === "" ? [] : [`-${conf.compressionLevel}`];
  const options = [...level, ...(program === "gzip" ? ["-n"] : []), "-c"];
  const execa = await loadExeca();
  const compressor = execa(program, options, {
    cancelSignal: run.signal,
    buffer: false,
    reject: false,
    encoding: "buffer",
  });
  const words = [...inside, "archive", "--format=tar", `--prefix=${name}-${upstream}/`, treeish];
  await Promise.all([
    gitInto(words, compressor.stdin, run),
    pipeline(compressor.stdout, createWriteStream(file)),
  ]).catch((thrown: unknown) => {
    throw withoutProgram(thrown, program);
  });
  const { failed, cause } = await compressor;
  run.signal.throwIfAborted();
  if (failed) throw withoutProgram(cause, program);
}

function withoutProgram(thrown: unknown, program: string): unknown {
  if (thrown instanceof Failure && thrown.code !== "git-failed") return thrown;
  if (errorCode(thrown) !== "ENOENT") return thrown;
  return new Failure("infrastructure", "compressor-missing", `This machine has no ${program}`, {
    hint: `Install it, or set another compression in debian/gbp.conf.`,
    cause: thrown,
  });
}
