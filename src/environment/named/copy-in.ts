import { createReadStream } from "node:fs";
import { type Dirent } from "node:fs";
import { lstat, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../../base/failure.ts";
import { printableLine } from "../../base/printable.ts";
import { nullIfMissing } from "../../base/system-error.ts";
import type { Container } from "../../engine/engine.ts";
import { type TarEntry, packTar } from "../../oci/tar.ts";
import { Tail } from "../tail.ts";

/** Whose the files are inside. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Copies a file or directory of this machine into a container: into the destination where that is a directory there, else
 * under its name, as cp(1) does.
 * @throws Failure source-missing, source-special-file, path-not-inside (usage).
 */
export async function copyIn(
  container: Container,
  from: { readonly path: string; readonly name: string },
  destination: string,
  owner: Owner,
  signal: AbortSignal,
): Promise<void> {
  if ((await lstat(from.path).catch(nullIfMissing)) === null) throw missing(from.path);
  const { directory, name } = await placeInside(container, destination, from.name, signal);
  await container.put(directory, packTar(entriesOf(from.path, name, owner)), signal);
}

/** The real directory that the copy goes to, and its name there. */
async function placeInside(
  container: Container,
  destination: string,
  name: string,
  signal: AbortSignal,
): Promise<{ readonly directory: string; readonly name: string }> {
  const out = new Tail(null);
  const { exitCode } = await container.run(["sh", "-c", place, "sh", destination], { stdout: out, signal });
  const [, kind, directory = "", own = ""] = /^(into|as)\n(\/.*)\n(.*)\n$/.exec(out.text) ?? [];
  if (exitCode !== 0 || kind === undefined) throw noPlace(destination);
  return { directory, name: kind === "into" ? name : own };
}

const place = `if [ -d "$1" ]; then printf 'into\\n%s\\n\\n' "$(realpath -e -- "$1")"; exit; fi
case $1 in */) exit 1 ;; esac
parent=$(realpath -e -- "$(dirname -- "$1")") && [ -d "$parent" ] || exit 1
printf 'as\\n%s\\n%s\\n' "$parent" "$(basename -- "$1")"`;

async function* entriesOf(path: string, name: string, owner: Owner): AsyncGenerator<TarEntry> {
  const status = await lstat(path);
  const common = {
    path: name,
    mode: status.mode & 0o777,
    mtime: Math.floor(status.mtimeMs / 1000),
    ...owner,
  };
  if (status.isSymbolicLink()) yield { ...common, type: "symlink", linkTarget: await readlink(path) };
  else if (status.isFile())
    yield { ...common, type: "file", size: status.size, content: () => createReadStream(path) };
  else if (status.isDirectory()) {
    yield { ...common, type: "directory" };
    const entries: Dirent[] = await readdir(path, { withFileTypes: true });
    for (const each of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1)))
      yield* entriesOf(join(path, each.name), `${name}/${each.name}`, owner);
  } else throw special(path);
}

function missing(path: string): Failure {
  return new Failure("usage", "source-missing", `There is no ${printableLine(path)}`, {
    hint: "Check the path.",
  });
}

function special(path: string): Failure {
  return new Failure("usage", "source-special-file", `${printableLine(path)} is no file, directory or link`, {
    hint: "Devices, sockets and named pipes are not copied: name what is to be copied, without it.",
  });
}

function noPlace(destination: string): Failure {
  return new Failure(
    "usage",
    "path-not-inside",
    `The environment has no directory for ${printableLine(destination)}`,
    {
      hint: "Make it first: debkiln exec --env NAME --save -- mkdir -p DIRECTORY",
    },
  );
}
