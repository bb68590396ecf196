import { createHash } from "node:crypto";
import { type Stats, createReadStream } from "node:fs";
import { lstat, readFile, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import dockerignore from "@balena/dockerignore";
import { type Digest, keyOf } from "../../base/digest.ts";
import { throwIfAborted } from "../../base/event.ts";
import { Failure } from "../../base/failure.ts";
import { isMissing } from "../../base/system-error.ts";
import type { TarEntry } from "../../oci/tar.ts";

/**
 * What a Containerfile's COPY and ADD may take: the directory's files in a fixed order, owned by root, without what its
 * .containerignore or .dockerignore leaves out. @throws Failure context-unreadable (usage).
 */
export async function* contextEntries(directory: string): AsyncGenerator<TarEntry> {
  const text = await ignoreText(directory);
  const ignore = dockerignore.default({ ignorecase: false }).add(text);
  const hasExceptions = /^\s*!/m.test(text);
  const pending = [""];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    const names = await readdir(join(directory, path)).catch((cause: unknown) => {
      throw unreadable(join(directory, path), cause);
    });
    for (const name of names.toSorted((a, b) => (a < b ? -1 : 1))) {
      const child = join(path, name);
      const isIgnored = ignore.ignores(child);
      const status = await statusOf(join(directory, child));
      // What is left out may be of any kind, and its directories are only for the exceptions in them.
      if (status.isDirectory() && (!isIgnored || hasExceptions)) pending.push(child);
      if (!isIgnored) yield await entryOf(join(directory, child), child, status);
    }
  }
}

/**
 * Of all that `contextEntries` gives of a directory but times, wherever it lies: equal contexts give equal digests.
 * @throws Failure context-unreadable (usage).
 */
export async function contextDigest(directory: string, signal: AbortSignal): Promise<Digest> {
  const keys: unknown[] = [];
  for await (const entry of contextEntries(directory)) {
    throwIfAborted(signal);
    const { path, type, mode } = entry;
    const what =
      type === "file"
        ? await hashOf(join(directory, path), signal)
        : type === "symlink"
          ? entry.linkTarget
          : null;
    keys.push([path, type, mode, what]);
  }
  return keyOf(keys);
}

async function hashOf(file: string, signal: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  try {
    for await (const chunk of createReadStream(file, { signal })) hash.update(chunk);
  } catch (thrown) {
    throwIfAborted(signal);
    throw unreadable(file, thrown);
  }
  return hash.digest("hex");
}

async function ignoreText(directory: string): Promise<string> {
  for (const name of [".containerignore", ".dockerignore"]) {
    const text = await readFile(join(directory, name), "utf8").catch((thrown: unknown) => {
      if (isMissing(thrown)) return null;
      throw unreadable(join(directory, name), thrown);
    });
    if (text !== null) return text;
  }
  return "";
}

function statusOf(file: string): Promise<Stats> {
  return lstat(file).catch((cause: unknown) => {
    throw unreadable(file, cause);
  });
}

async function entryOf(file: string, path: string, status: Stats): Promise<TarEntry> {
  const common = {
    path,
    mode: status.mode & 0o7777,
    uid: 0,
    gid: 0,
    mtime: Math.floor(status.mtimeMs / 1000),
  };
  if (status.isDirectory()) return { ...common, type: "directory" };
  if (status.isSymbolicLink()) return { ...common, type: "symlink", linkTarget: await readlink(file) };
  if (status.isFile())
    return { ...common, type: "file", size: status.size, content: () => createReadStream(file) };
  throw unreadable(file, new Error("it is a device, socket or named pipe"));
}

function unreadable(file: string, cause: unknown): Failure {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new Failure(
    "usage",
    "context-unreadable",
    `${file} cannot be sent to a Containerfile step: ${why}`,
    {
      hint: "Leave it out with a .containerignore, or name another context.",
      cause,
    },
  );
}
