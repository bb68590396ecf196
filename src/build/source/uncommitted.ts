import { access, copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Failure } from "../../base/failure.ts";
import { type GitRun, git } from "./git.ts";
import { isOwnOutput } from "./own-output.ts";
import { borrowClone } from "./repository.ts";

/**
 * What of a source tree is not as its git has it committed, a line each as `git status --porcelain` prints it, but for what debkiln
 * itself left there; none where there is no git. The clone's own configuration is not used: filters and monitors in it would be programs of whoever made it.
 */
export async function uncommittedChanges(tree: string, run: GitRun): Promise<readonly string[]> {
  if (!(await exists(join(tree, ".git")))) return [];
  const temporary = await mkdtemp(join(tmpdir(), "debkiln-git-"));
  try {
    const ask = ["rev-parse", "--path-format=absolute", "--git-path", "index", "HEAD^{commit}"];
    const [index = "", head = ""] = (await git(["-C", tree, ...ask], run)).split("\n");
    const bare = join(temporary, "git");
    await borrowClone(tree, `${head}\tHEAD`, bare, run);
    await rm(join(bare, "info"), { recursive: true });
    await writeFile(join(bare, "HEAD"), `${head}\n`);
    await copyFile(index, join(bare, "index"));
    const status = ["status", "--porcelain", "--ignore-submodules=all"];
    const said = await git([`--git-dir=${bare}`, `--work-tree=${tree}`, ...status], run);
    const lines = said.split("\n").filter((line) => line !== "");
    const isOwn = await Promise.all(
      lines.map(
        async (line) => line.startsWith("?? ") && (await isOwnOutput(tree, line.slice(3).replace(/\/$/, ""))),
      ),
    );
    return lines.filter((_, at) => isOwn[at] !== true);
  } catch (thrown) {
    run.signal.throwIfAborted();
    // A clone without a commit, another user's, or no git here: nothing is known, and nothing is lost.
    if (thrown instanceof Failure || isSystemError(thrown)) return [];
    throw thrown;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

function isSystemError(thrown: unknown): boolean {
  return thrown instanceof Error && "code" in thrown;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
