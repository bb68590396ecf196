import type { Task } from "../base/event.ts";
import { Failure } from "../base/failure.ts";
import { sourceFetchable } from "../environment/fetch-locked.ts";
import type { Kiln } from "../environment/kiln.ts";
import type { LockFile } from "../environment/lock-file.ts";
import { openFetched } from "./open-source.ts";
import type { OpenedSource, SourceArgument } from "./source.ts";
import { openDsc } from "./source/dsc.ts";
import { openTree } from "./source/tree.ts";

/**
 * The source of a locked build: the lock's own, or that which the user named if it is the same. A tree has no checksum: of
 * it, name and version are compared.
 * @throws Failure source-differs (usage), not-fetched, package-gone (dependency), and what opening it raises.
 */
export async function openLockedSource(
  kiln: Kiln,
  { source: locked }: LockFile,
  named: SourceArgument | null,
  task: Task,
): Promise<OpenedSource> {
  const source = await open(kiln, locked, named, task);
  const { name, version } = source.package;
  if (locked !== null && (locked.name !== name || locked.version !== version)) {
    throw differs(`The source is ${name} ${version}, but the lock is of ${locked.name} ${locked.version}`);
  }
  const digests = new Map(source.files.map((each) => [each.name, each.sha256]));
  const altered = locked?.files.find((each) => digests.get(each.name) !== each.sha256);
  if (altered !== undefined) throw differs(`${altered.name} is not the file that the lock names`);
  return source;
}

async function open(
  kiln: Kiln,
  locked: LockFile["source"],
  named: SourceArgument | null,
  task: Task,
): Promise<OpenedSource> {
  if (named?.kind === "tree") return openTree(named.directory);
  if (named?.kind === "dsc") return openDsc(named.path);
  if (named?.kind === "dsc-url" || named?.kind === "git")
    throw differs("With a lock, a source is not named by its address");
  if (named !== null && named.name !== locked?.name)
    throw differs(`The lock is of ${locked?.name ?? "no source"}, not of ${named.name}`);
  if (locked === null || locked.files.length === 0) {
    throw new Failure("usage", "source-not-locked", "The lock names no source: it was made for a tree", {
      hint: "Name the tree: `debkiln build --locked LOCK TREE`.",
    });
  }
  const files = locked.files.map((file) => ({ fileName: file.name, ...sourceFetchable(file) }));
  const source = await openFetched(kiln, files, task);
  return { ...source, origin: `${locked.name}_${locked.version}`, files: locked.files };
}

function differs(message: string): Failure {
  return new Failure("usage", "source-differs", message, {
    hint: "Build the source that the lock names, or make a lock of this one with `debkiln lock`.",
  });
}
