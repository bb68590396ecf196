import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Writable } from "node:stream";
import { Failure } from "../base/failure.ts";
import { type Changes, parseChanges } from "../debian/changes.ts";
import type { Container } from "../engine/engine.ts";
import { buildDirectory, builder } from "../environment/builder.ts";
import type { BuildLog } from "./build-log.ts";
import { stageResults } from "./collect.ts";
import type { Artifact } from "./result.ts";
import { subsection, subsections } from "./sbuild-log.ts";

const results = "/build/results";
const maxChangesBytes = 4 * 1024 ** 2;
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
}

/**
 * Takes the results out of a container in which hostile code may have run: nothing of the builder's runs any more, what
 * the .changes names is moved to a directory that only root could write, and a strict reader takes that.
 * @throws Failure what `stageResults` raises, changes-missing (package).
 */
export async function takeResults(request: TakeRequest): Promise<Taken> {
  const { container, name, directory, signal } = request;
  const changesName = `${name}.changes`;
  await listContents(request);
  const { content, spaceKib } = await sealChanges(request, changesName);
  const changes = parseChanges(content.toString("utf8"), changesName);
  await sealFiles(request, changes);
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
    return { artifacts: moved, spaceKib };
  } finally {
    await rm(staged, { recursive: true, force: true });
  }
}

/** The log's sections about the results, made by the builder's rights in the container. */
async function listContents({ container, name, log, signal }: TakeRequest): Promise<void> {
  const script = [
    show(subsections.changes, 'cat -- "$1.changes"'),
    show(subsections.buildinfo, 'cat -- "$1.buildinfo"'),
    show(
      subsections.contents,
      'for deb in *.deb *.ddeb *.udeb; do [ -f "$deb" ] || continue; printf "\\n%s\\n\\n" "$deb"; dpkg-deb --info "$deb"; dpkg-deb --contents "$deb"; done',
    ),
  ].join("\n");
  await container.run(["sh", "-c", script, "sh", name], {
    user: `${builder.uid}:${builder.gid}`,
    directory: buildDirectory,
    environment: { LC_ALL: "C.UTF-8" },
    stdout: log,
    stderr: log,
    signal,
  });
}

/** A section's title, then what a command prints. */
function show(title: string, command: string): string {
  return `printf '%s' '${subsection(title)}'; ${command}`;
}

/** Ends whatever the builder left running, then moves the .changes out of its reach and reads it. */
async function sealChanges(
  { container, signal }: TakeRequest,
  changesName: string,
): Promise<{ content: Buffer; spaceKib: number | null }> {
  const script = `
setpriv --reuid=${builder.uid} --regid=${builder.gid} --clear-groups sh -c 'kill -KILL -1' 2>/dev/null
mkdir -m 0700 ${results} && mv -T -- ${buildDirectory}/"$1" ${results}/"$1" || exit 3
[ -f ${results}/"$1" ] && [ ! -L ${results}/"$1" ] || exit 4
du -sk /build >&2
exec head -c ${maxChangesBytes} ${results}/"$1"`;
  const changes: Buffer[] = [];
  const space: Buffer[] = [];
  const { exitCode } = await container.run(["sh", "-c", script, "sh", changesName], {
    stdout: into(changes),
    stderr: into(space),
    signal,
  });
  const kib = /^(\d+)\t/m.exec(Buffer.concat(space).toString("latin1"))?.[1];
  if (exitCode === 0)
    return { content: Buffer.concat(changes), spaceKib: kib === undefined ? null : Number(kib) };
  if (exitCode === 4) {
    throw new Failure("package", "hostile-result", `${changesName} is not a regular file`, {
      hint: "No honest build writes that: look at debian/rules.",
    });
  }
  throw new Failure("package", "changes-missing", `The build succeeded but left no ${changesName}`, {
    hint: "debian/rules may remove files outside its tree; the log tells what dpkg-buildpackage wrote.",
  });
}

/** Moves what the .changes names, whatever it is, beside it; what is missing the strict reader finds missing. */
async function sealFiles({ container, signal }: TakeRequest, { files }: Changes): Promise<void> {
  const script = `cd ${buildDirectory} && for each; do [ ! -d "$each" ] && mv -T -- "$each" ${results}/"$each"; done; :`;
  await container.run(["sh", "-c", script, "sh", ...files.map(({ name }) => name)], { signal });
}

function into(chunks: Buffer[]): Writable {
  return new Writable({
    write(chunk: Buffer, _, done) {
      chunks.push(chunk);
      done();
    },
  });
}
