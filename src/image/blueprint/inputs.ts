import { createReadStream } from "node:fs";
import { readFile, readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Digester } from "../../base/digester.ts";
import type { Digest } from "../../base/digest.ts";
import { Failure } from "../../base/failure.ts";
import { isMissing } from "../../base/system-error.ts";
import { contextDigest } from "../build/context.ts";
import type { LocalFile } from "../plan.ts";
import { sorted } from "./part.ts";
import { problem } from "./problem.ts";
import type { Definition } from "./read.ts";

/** The files on this machine that a definition names, as they are now. */
export interface Inputs {
  /** By its absolute path. */
  readonly file: (path: string) => LocalFile;
  /** Of what a Containerfile step gets of a directory, by its absolute path. */
  readonly context: (directory: string) => Digest;
  /** Of debian.debs: the files themselves, and those in its directories. */
  readonly debs: readonly LocalFile[];
}

/**
 * Reads what a definition names, for its digests.
 * @throws Failure definition-file-missing, definition-invalid-value, context-unreadable (usage).
 */
export async function readInputs(definition: Definition, signal: AbortSignal): Promise<Inputs> {
  const { blueprint } = definition;
  const found = new Map<string, LocalFile>();
  const contexts = new Map<string, Digest>();
  const read = async (path: string, at: readonly string[]) => {
    const file = found.get(path) ?? (await localFile(path, at, definition, signal));
    found.set(path, file);
    return file;
  };
  for (const [index, { uri }] of blueprint.customizations.files.entries()) {
    if (uri !== undefined) await read(uri, ["customizations", "files", String(index), "uri"]);
  }
  for (const [index, { script, containerfile, context }] of blueprint.bootc.steps.entries()) {
    const at = (key: string) => ["bootc", "steps", String(index), key];
    if (script !== undefined) await read(script, at("script"));
    if (containerfile === undefined) continue;
    const file = await read(containerfile, at("containerfile"));
    await checkContainerfile(file, at("containerfile"), definition);
    if (context !== undefined) await requireDirectory(context, at("context"), definition);
    const directory = context ?? dirname(containerfile);
    if (!contexts.has(directory)) contexts.set(directory, await contextDigest(directory, signal));
  }
  if (blueprint.debian.lock !== undefined) await read(blueprint.debian.lock, ["debian", "lock"]);
  const debs: LocalFile[] = [];
  for (const [index, path] of blueprint.debian.debs.entries()) {
    const at = ["debian", "debs", String(index)];
    for (const deb of await debsAt(path, at, definition)) debs.push(await read(deb, at));
  }
  return {
    debs,
    file: (path) => found.get(path) ?? unread(path),
    context: (directory) => contexts.get(directory) ?? unread(directory),
  };
}

function unread(path: string): never {
  throw new Failure("internal", "unexpected", `${path} was not read with the definition`);
}

async function localFile(
  path: string,
  at: readonly string[],
  definition: Definition,
  signal: AbortSignal,
): Promise<LocalFile> {
  const status = await statusOf(path, at, definition);
  if (!status.isFile()) throw unusable(path, "is not a regular file", at, definition);
  const digester = new Digester();
  try {
    const chunks: AsyncIterable<Buffer> = createReadStream(path, { signal });
    for await (const chunk of chunks) digester.update(chunk);
  } catch (thrown) {
    signal.throwIfAborted();
    throw unusable(path, `cannot be read: ${String(thrown)}`, at, definition);
  }
  return { path, sizeBytes: digester.sizeBytes, digest: digester.digest };
}

async function debsAt(path: string, at: readonly string[], definition: Definition): Promise<string[]> {
  const status = await statusOf(path, at, definition);
  if (!status.isDirectory()) {
    if (path.endsWith(".deb")) return [path];
    throw unusable(path, "is neither a .deb nor a directory of such", at, definition);
  }
  const names = sorted((await readdir(path)).filter((name) => name.endsWith(".deb")));
  if (names.length === 0) throw unusable(path, "has no .debs", at, definition);
  return names.map((name) => join(path, name));
}

async function requireDirectory(path: string, at: readonly string[], definition: Definition): Promise<void> {
  const status = await statusOf(path, at, definition);
  if (!status.isDirectory()) throw unusable(path, "is not a directory", at, definition);
}

async function statusOf(path: string, at: readonly string[], definition: Definition) {
  try {
    return await stat(path);
  } catch (thrown) {
    throw unusable(
      path,
      isMissing(thrown) ? "is not there" : `cannot be read: ${String(thrown)}`,
      at,
      definition,
    );
  }
}

function unusable(path: string, why: string, at: readonly string[], { place }: Definition): Failure {
  return problem(place, at, {
    code: "definition-file-missing",
    message: `${path} ${why}`,
    hint: "Relative paths are meant from the definition's directory.",
  });
}

async function checkContainerfile(
  { path }: LocalFile,
  at: readonly string[],
  { place }: Definition,
): Promise<void> {
  const text = await readFile(path, "utf8");
  if (!/^\s*FROM\s/im.test(text)) return;
  throw problem(place, at, {
    code: "definition-invalid-value",
    message: `${path} has a FROM`,
    hint: "Leave it out: the instructions are for the image of this definition.",
  });
}
