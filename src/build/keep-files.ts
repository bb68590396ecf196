import { createWriteStream } from "node:fs";
import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { asFailure } from "../base/failure.ts";
import { formatSize } from "../base/size.ts";
import type { Container } from "../engine/engine.ts";
import { buildDirectory, builder } from "../environment/builder.ts";
import type { Desk } from "./desk.ts";
import type { BuildRequest } from "./request.ts";

/**
 * Keeps the files of a build that its user named by patterns, whether it went well or not, in a tar beside its results: names
 * and contents are the build's own, so nothing of it is unpacked here. What cannot be kept is a warning. The build's user reads
 * them, who can read what the build could.
 */
export async function keepFiles(
  { keepFiles: patterns = [] }: Pick<BuildRequest, "keepFiles">,
  { plan, staging, log, task }: Desk,
  container: Container,
  signal: AbortSignal,
): Promise<void> {
  if (patterns.length === 0) return;
  await task.step("keep-files", "Keep files of the build", async (step) => {
    const name = `${plan.name}.files.tar.gz`;
    const path = join(staging.path, name);
    const file = createWriteStream(path, { flags: "wx", mode: 0o644 });
    try {
      const argv = ["timeout", String(longestSeconds), "bash", "-c", script, "bash", plan.tree, ...patterns];
      const { exitCode } = await container.run(argv, {
        user: `${builder.uid}:${builder.gid}`,
        directory: buildDirectory,
        environment: { LC_ALL: "C.UTF-8" },
        stdout: file,
        stderr: log,
        signal,
      });
      await finished(file.end());
      const { size } = await stat(path);
      const fault = faultOf(exitCode, size);
      if (fault !== null) step.warn(`No files of the build are kept: ${fault}`);
      else step.summary = `${name}, ${formatSize(size)}`;
      if (fault !== null) await rm(path);
    } catch (thrown) {
      file.destroy();
      await rm(path, { force: true });
      step.warn(`No files of the build are kept: ${asFailure(thrown).message}`);
    }
  });
}

/** Why an archive is of no use; null for one that is whole. */
export function faultOf(exitCode: number, sizeBytes: number): string | null {
  if (exitCode === nothingFound) return "none is named so";
  if (exitCode === 124) return `that took longer than ${longestSeconds / 60} minutes`;
  if (sizeBytes >= mostBytes) return `they are more than ${formatSize(mostBytes)}, compressed`;
  return exitCode === 0 ? null : `tar ended with exit code ${exitCode}`;
}

const nothingFound = 3;
const longestSeconds = 600;
const mostBytes = 2 * 1024 ** 3;

/**
 * bash is essential. A pattern is relative to the source's tree or begins at the root; with a directory comes all that is in
 * it. tar's 1 is for files that changed while they were read.
 */
export const script = `
shopt -s globstar nullglob dotglob
cd -- "$1" 2> /dev/null || cd ${buildDirectory} || exit
shift
IFS=
names=$(mktemp) && trap 'rm -f "$names"' EXIT || exit
for pattern in "$@"; do
  for each in $pattern; do
    case $each in /*) ;; *) each=./$each ;; esac
    find "$each" -print0 2> /dev/null
  done
done | sort -zu > "$names"
[ -s "$names" ] || exit ${nothingFound}
tar --create --gzip --verbose --no-recursion --ignore-failed-read --null --files-from="$names" | head -c ${mostBytes}
code=\${PIPESTATUS[0]}
[ "$code" -le 1 ] || exit "$code"
`;
