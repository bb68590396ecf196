import { createWriteStream } from "node:fs";
import { lstat, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { Task } from "../../base/event.ts";
import { Failure } from "../../base/failure.ts";
import { nearest } from "../../base/nearest.ts";
import { nullIfMissing } from "../../base/system-error.ts";
import { withoutSecrets } from "../../base/without-secrets.ts";
import { parseVersion } from "../../debian/version.ts";
import { copyOrigTarballs } from "./beside-clone.ts";
import { type GitRun, git, gitInto } from "./git.ts";
import type { GitAddress } from "./git-address.ts";
import { readInside } from "./read-inside.ts";
import { openTree } from "./tree.ts";
import { upstreamTags } from "./upstream-tags.ts";

/** What a repository says of itself before anything is fetched. */
export interface RemoteState {
  /** The commit that is meant, in hex. */
  readonly commit: string;
  /** All that it lists, one `OBJECT\tREFERENCE` a line. */
  readonly listing: string;
}

/**
 * Which commit an address means now: of a branch, a tag, the HEAD, or itself.
 * @throws Failure git-reference-missing (usage), and what `git` raises.
 */
export async function remoteState({ url, reference }: GitAddress, run: GitRun): Promise<RemoteState> {
  const listing = await git(["ls-remote", "--", url], run);
  const commits = new Map(
    listing.split("\n").flatMap((line): [string, string][] => {
      const [commit = "", name] = line.split("\t");
      return name === undefined ? [] : [[name, commit]];
    }),
  );
  const wanted = reference ?? "HEAD";
  // A tag with a text of its own stands for the commit behind it.
  const names = [`refs/tags/${wanted}^{}`, `refs/tags/${wanted}`, `refs/heads/${wanted}`, wanted];
  const found = names.map((name) => commits.get(name)).find((commit) => commit !== undefined);
  const commit = found ?? (/^[0-9a-f]{40}([0-9a-f]{24})?$/.test(wanted) ? wanted : null);
  if (commit !== null) return { commit, listing };
  throw referenceMissing(url, wanted, commits.keys().toArray());
}

/**
 * Fetches a repository and lays the commit's tree into a directory, as `tree`; its original tarball beside it, made of the
 * upstream tag, when it needs one. Attributes in the tree change nothing of what comes out.
 * @throws Failure what `git`, `openTree` and `readInside` raise, git-reference-missing (usage).
 */
export async function checkOut(
  { url }: GitAddress,
  { commit }: RemoteState,
  directory: string,
  { run, task }: { readonly run: GitRun; readonly task: Task },
): Promise<void> {
  const bare = join(directory, "repository.git");
  const tree = join(directory, "tree");
  const inside = [`--git-dir=${bare}`];
  await git(["init", "--quiet", "--bare", "--template=", "--", bare], run);
  await mkdir(join(bare, "info"), { recursive: true });
  await writeFile(join(bare, "info/attributes"), attributes);
  await git([...inside, "fetch", "--quiet", "--no-write-fetch-head", "--", url, "+refs/*:refs/*"], run);
  await requireCommit(inside, url, commit, run);
  await mkdir(tree);
  await git([...inside, `--work-tree=${tree}`, "checkout", "--quiet", "--force", commit, "--", "."], run);
  if ((await lstat(join(tree, ".gitmodules")).catch(nullIfMissing)) !== null)
    task.warn("The source has submodules, which are not fetched", "Build from a tree that has them.");
  await addOrigTarball(url, inside, tree, directory, { run, task });
  await rm(bare, { recursive: true });
}

/** Above all others: files come out as they were put in. */
const attributes = "* -export-subst -export-ignore -filter -text -eol -ident -working-tree-encoding\n";

async function requireCommit(
  inside: readonly string[],
  url: string,
  commit: string,
  run: GitRun,
): Promise<void> {
  await git(
    [...inside, "rev-parse", "--quiet", "--verify", "--end-of-options", `${commit}^{commit}`],
    run,
  ).catch((cause: unknown) => {
    run.signal.throwIfAborted();
    throw new Failure(
      "usage",
      "git-reference-missing",
      `${withoutSecrets(url)} has no commit ${commit} on a branch or tag`,
      {
        hint: "Push it, or name a branch or tag.",
        cause,
      },
    );
  });
}

async function addOrigTarball(
  url: string,
  inside: readonly string[],
  tree: string,
  directory: string,
  { run, task }: { readonly run: GitRun; readonly task: Task },
): Promise<void> {
  const { package: source } = await openTree(tree);
  const { upstream, revision } = parseVersion(source.version);
  if (revision === null || source.format === "3.0 (native)") return;
  if (await copyOrigTarballs(url, source, directory)) return;
  const configuration = await readInside(tree, "debian/gbp.conf", 64 * 1024);
  const tags = new Set((await git([...inside, "tag", "--list"], run)).split("\n"));
  const tag = upstreamTags(upstream, configuration ?? "").find((each) => tags.has(each));
  if (tag === undefined) return;
  const stem = `${source.name}-${upstream}`;
  const packed = createGzip({ level: 9 });
  const file = join(directory, `${source.name}_${upstream}.orig.tar.gz`);
  const written = pipeline(packed, createWriteStream(file));
  await Promise.all([
    gitInto([...inside, "archive", "--format=tar", `--prefix=${stem}/`, `refs/tags/${tag}`], packed, run),
    written,
  ]);
  task.note(`the original tarball is made of the tag ${tag}`);
}

function referenceMissing(url: string, wanted: string, names: readonly string[]): Failure {
  const short = names.map((name) => name.replace(/^refs\/(heads|tags)\//, "").replace(/\^\{\}$/, ""));
  const near = nearest(wanted, short);
  return new Failure(
    "usage",
    "git-reference-missing",
    `${withoutSecrets(url)} has no branch, tag or commit ${wanted}`,
    {
      hint: near === null ? "`git ls-remote` lists what it has." : `Did you mean ${near}?`,
    },
  );
}
