import { lstat, mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Task } from "../../base/event.ts";
import { Failure } from "../../base/failure.ts";
import { nearest } from "../../base/nearest.ts";
import { nullIfMissing } from "../../base/system-error.ts";
import { withoutSecrets } from "../../base/without-secrets.ts";
import { type GitRun, git } from "./git.ts";
import type { GitAddress } from "./git-address.ts";
import { type Repository, listReferences, referencesIn } from "./repository.ts";

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
  const listing = await listReferences(url, run);
  const commits = referencesIn(listing);
  const wanted = reference ?? "HEAD";
  // A tag with a text of its own stands for the commit behind it.
  const names = [
    `refs/tags/${wanted}^{}`,
    `refs/tags/${wanted}`,
    `refs/heads/${wanted}`,
    `refs/remotes/${wanted}`,
    wanted,
  ];
  const found = names.map((name) => commits.get(name)).find((commit) => commit !== undefined);
  const commit = found ?? (/^[0-9a-f]{40}([0-9a-f]{24})?$/.test(wanted) ? wanted : null);
  if (commit !== null) return { commit, listing };
  throw referenceMissing(url, wanted, commits.keys().toArray());
}

/**
 * Lays a commit's tree into a directory, as `tree`. Attributes in the tree change nothing of what comes out.
 * @throws Failure what `git` raises, git-reference-missing (usage).
 */
export async function checkOut(
  { inside }: Repository,
  { url }: GitAddress,
  { commit }: RemoteState,
  directory: string,
  { run, task }: { readonly run: GitRun; readonly task: Task },
): Promise<string> {
  const tree = join(directory, "tree");
  await requireCommit(inside, url, commit, run);
  await mkdir(tree);
  await git([...inside, `--work-tree=${tree}`, "checkout", "--quiet", "--force", commit, "--", "."], run);
  if ((await lstat(join(tree, ".gitmodules")).catch(nullIfMissing)) !== null)
    task.warn("The source has submodules, which are not fetched", "Build from a tree that has them.");
  return tree;
}

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
