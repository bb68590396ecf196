import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../base/failure.ts";
import { parseChanges } from "../debian/changes.ts";
import type { Container } from "../engine/engine.ts";
import { buildDirectory, builder } from "../environment/builder.ts";
import { Head } from "../environment/head.ts";
import type { BuildLog } from "./build-log.ts";
import { stageResults } from "./stage-results.ts";
import type { Artifact } from "./result.ts";
import { postBuild } from "./log-sections.ts";
import { listLeftovers, parseLeftovers } from "./leftovers.ts";
import { subsection, subsections } from "./sbuild-log.ts";

const results = "/build/results";
const maxChangesBytes = 4 * 1024 ** 2;
/** Of what is printed before the .changes. */
const longestLines = 64 * 1024;
/** Of all packages' contents in the log. */
const longestListing = 64 * 1024 ** 2;
const limits = { fileBytes: 32 * 1024 ** 3, totalBytes: 64 * 1024 ** 3 };

export interface TakeRequest {
  readonly container: Container;
  /** Name of the .changes file without its ending. */
  readonly name: string;
  readonly log: BuildLog;
  /** A directory of ours, in which the results shall lie. */
  readonly directory: string;
  readonly signal: AbortSignal;
}

export interface Taken {
  readonly artifacts: readonly Artifact[];
  /** Disk space of the build tree and the results, in KiB. */
  readonly spaceKib: number | null;
  /** What the builder had left in the places that it can write to, the results among it. */
  readonly leftovers: readonly string[];
}

/**
 * Takes the results out of a container in which hostile code has run: what is left of the builder's processes is ended, what
 * the .changes names is moved to a directory that only root can write, and only from there is anything read: into the log
 * by a user without rights, into the results by a strict reader.
 * @throws Failure what `stageResults` raises, changes-missing (package).
 */
export async function takeResults(request: TakeRequest): Promise<Taken> {
  const { container, name, directory, log, signal } = request;
  const changesName = `${name}.changes`;
  const { content, spaceKib, leftovers } = await sealResults(request, changesName);
  const changes = parseChanges(content.toString("utf8"), changesName);
  const staged = join(directory, "artifacts");
  await mkdir(staged);
  try {
    const tar = await container.get(results);
    const artifacts = await stageResults({
      tar,
      changesFile: { name: changesName, content },
      changes,
      directory: staged,
      limits,
      signal,
    });
    for (const artifact of artifacts) await rename(artifact.path, join(directory, artifact.name));
    const moved = artifacts.map((artifact) => ({ ...artifact, path: join(directory, artifact.name) }));
    log.write(postBuild(moved));
    return { artifacts: moved, spaceKib, leftovers };
  } finally {
    await rm(staged, { recursive: true, force: true });
  }
}

/**
 * Ends whatever the builder left running and moves the .changes and what it names, whatever that is, out of its reach; what
 * is missing the strict reader finds missing. Gives the .changes, and prints the log's sections about it all: of regular
 * files only, as nobody, and no more of them than any honest build has. All in one command, for each takes 0.1 s to start.
 */
async function sealResults(
  { container, name, log, signal }: TakeRequest,
  changesName: string,
): Promise<Sealed> {
  const script = `${endBuilder}
mkdir -m 0755 ${results} && cd ${results} && mv -T -- ${buildDirectory}/"$1" "$1" 2>/dev/null || exit 3
[ -f "$1" ] && [ ! -L "$1" ] || exit 4
du -sk /build
${listLeftovers}
head -c ${maxChangesBytes} -- "$1"
head -c ${maxChangesBytes} -- "$1" | sed -n '${listedNames}' | while read -r each; do
  [ -d ${buildDirectory}/"$each" ] || mv -T -- ${buildDirectory}/"$each" "$each" 2>/dev/null
done
for each in *; do [ -f "$each" ] && [ ! -L "$each" ] && chmod 0644 -- "$each"; done
timeout 600 setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs sh -c "$2" sh "$3" < /dev/null >&2
exit 0`;
  const stdout = new Head(maxChangesBytes + longestLines);
  const { exitCode } = await container.run(["sh", "-c", script, "sh", changesName, listing, name], {
    environment: { LC_ALL: "C.UTF-8" },
    stdout,
    stderr: log,
    signal,
  });
  if (exitCode === 0) return sealedOf(stdout.bytes);
  if (exitCode === 4) {
    throw new Failure("package", "hostile-result", `${changesName} is not a regular file`, {
      hint: "No honest build writes that: look at debian/rules.",
    });
  }
  if (exitCode === 5) {
    throw new Failure("package", "hostile-result", "Processes of the build cannot be ended", {
      hint: "No honest build leaves such processes: look at debian/rules.",
    });
  }
  throw new Failure("package", "changes-missing", `The build succeeded but left no ${changesName}`, {
    hint: "debian/rules may remove files outside its tree; the log tells what dpkg-buildpackage wrote.",
  });
}

/** sed(1): the last words of the lines of a .changes' Files field, which deb-changes(5) has without any slash. */
const listedNames = "/^Files:/,/^[^ ]/s,^ .* \\([^ /]*\\)$,\\1,p";

interface Sealed extends Omit<Taken, "artifacts"> {
  /** Of the .changes. */
  readonly content: Buffer;
}

/** What the command printed: a line of du(1), one of `listLeftovers`, then the .changes. */
function sealedOf(output: Buffer): Sealed {
  const end = output.indexOf("\n");
  const second = output.indexOf("\n", end + 1);
  const kib = /^(\d+)\t/.exec(output.subarray(0, end).toString("latin1"))?.[1];
  return {
    content: output.subarray(second + 1),
    spaceKib: kib === undefined ? null : Number(kib),
    leftovers: parseLeftovers(output.subarray(end + 1, second).toString("latin1")),
  };
}

/**
 * Kills every process of the builder's user at once (kill(2) with -1), and then, with the shell's own means in case nothing
 * more can be forked, those that there still are. Exits with 5 when some outlive a hundred rounds.
 */
const endBuilder = `
left=1
for round in 0 1 2 3 4 5 6 7 8 9; do for again in 0 1 2 3 4 5 6 7 8 9; do
  [ $left = 1 ] || break 2
  setpriv --reuid=${builder.uid} --regid=${builder.gid} --clear-groups sh -c 'kill -KILL -1' 2>/dev/null
  left=0
  for process in /proc/[0-9]*; do
    state=; user=
    while read -r key value rest; do
      case $key in State:) state=$value ;; Uid:) user=$value; break ;; esac
    done 2>/dev/null < $process/status
    [ "$user" = ${builder.uid} ] && [ "$state" != Z ] || continue
    kill -KILL "\${process#/proc/}" 2>/dev/null
    left=1
  done
done; done
[ $left = 0 ] || exit 5`;

const listing = `
text() { [ -f "$1" ] && [ ! -L "$1" ] && head -c ${maxChangesBytes} -- "$1"; }
contents() {
  for deb in *.deb *.ddeb *.udeb; do
    [ -f "$deb" ] && [ ! -L "$deb" ] || continue
    printf "\\n%s\\n\\n" "$deb"
    dpkg-deb --info "$deb" 2>&1 && dpkg-deb --contents "$deb" 2>&1 || break
  done
}
${show(subsections.changes, 'text "$1.changes"')}
${show(subsections.buildinfo, 'text "$1.buildinfo"')}
${show(subsections.contents, `contents | head -c ${longestListing}`)}`;

/** A section's title, then what a command prints. */
function show(title: string, command: string): string {
  return `printf '%s' '${subsection(title)}'; ${command}`;
}
