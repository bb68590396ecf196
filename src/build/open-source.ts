import { access, copyFile, link, readFile, rename, rm, utimes } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { digestOf, keyOf, hexOf } from "../base/digest.ts";
import type { Task } from "../base/event.ts";
import { makeDirectory } from "../base/make-directory.ts";
import type { Archive } from "../environment/archive.ts";
import { fetchFiles } from "../environment/fetch.ts";
import type { Kiln } from "../environment/kiln.ts";
import { type SourceFile, findSource } from "../environment/source-index.ts";
import type { Target } from "../environment/target.ts";
import type { OpenedSource, SourceArgument } from "./source.ts";
import { downloadDsc } from "./source/download.ts";
import { openDsc } from "./source/dsc.ts";
import { openTree } from "./source/tree.ts";

/** Where a named package is looked for. */
export interface Place {
  readonly target: Target;
  readonly archive: Archive;
}

/** Brings the source that the user named to this machine, checked, and opens it. */
export async function openSource(
  kiln: Kiln,
  argument: SourceArgument,
  place: () => Promise<Place>,
  task: Task,
): Promise<OpenedSource> {
  if (argument.kind === "tree") return openTree(argument.directory);
  if (argument.kind === "dsc") return openDsc(argument.path);
  if (argument.kind === "dsc-url") {
    return { ...(await openDsc(await fetchDsc(kiln, argument.url, task))), origin: argument.url };
  }
  const source = await openDsc(await fetchSource(kiln, argument, await place(), task));
  return { ...source, origin: `${source.package.name}_${source.package.version}` };
}

async function fetchDsc(kiln: Kiln, url: string, task: Task): Promise<string> {
  const staging = await kiln.store.temporaryDirectory();
  try {
    return await task.step("source", `Download ${url}`, async (step) => {
      const dsc = await downloadDsc(url, staging, {
        download: async (uri, { signal }) => (await kiln.download(uri, { signal })).body,
        signal: kiln.signal,
        task: step,
      });
      const name = basename(dsc);
      const key = keyOf({ name, dsc: digestOf(await readFile(dsc)) });
      const directory = join(kiln.store.directory, "sources", hexOf(key));
      await settle(staging, directory);
      return join(directory, name);
    });
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function fetchSource(
  kiln: Kiln,
  { name, version }: { readonly name: string; readonly version: string | null },
  { target, archive }: Place,
  task: Task,
): Promise<string> {
  const files = await findSource(kiln, { target, archive, name, version }, task);
  const directory = join(kiln.store.directory, "sources", hexOf(keyOf(files.map(({ sha256 }) => sha256))));
  if (!(await exists(directory))) {
    await fetchFiles(kiln, files, task, "source");
    await lay(kiln, files, directory);
  }
  const now = new Date();
  await utimes(directory, now, now);
  const dsc = files.find(({ fileName }) => fileName.endsWith(".dsc"));
  return join(directory, dsc?.fileName ?? "missing.dsc");
}

/** Lays a source's files side by side under their names; the directory appears whole. */
async function lay(kiln: Kiln, files: readonly SourceFile[], directory: string): Promise<void> {
  const staging = await kiln.store.temporaryDirectory();
  try {
    for (const { fileName, sha256 } of files) {
      const path = join(staging, fileName);
      await link(kiln.store.blobPath(sha256), path).catch(() => copyFile(kiln.store.blobPath(sha256), path));
    }
    await settle(staging, directory);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** Puts a staging directory where it belongs, unless another command has just done the same. */
async function settle(staging: string, directory: string): Promise<void> {
  await makeDirectory(dirname(directory));
  await rename(staging, directory).catch(async (thrown: unknown) => {
    if (!(await exists(directory))) throw thrown;
  });
  const now = new Date();
  await utimes(directory, now, now);
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
