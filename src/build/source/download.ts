import { createHash } from "node:crypto";
import { constants, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { throwIfAborted, type Task } from "../../base/event.ts";
import { Failure } from "../../base/failure.ts";
import { withoutSecrets } from "../../base/without-secrets.ts";
import type { ListedFile } from "../../debian/checksums.ts";
import { checkFileName } from "../../debian/file-name.ts";
import { sourceFromDsc } from "../../debian/source-package.ts";
import { retryBrokenOff } from "../../store/broken-off.ts";
import { unwritable } from "../publish.ts";
import { dscLimit } from "./dsc.ts";

/** Gives a URL's bytes. Raises a Failure for anything but success, and keeps to http and https. */
export type Download = (url: string, options: { readonly signal: AbortSignal }) => Promise<Readable>;

export interface DownloadDscOptions {
  readonly download: Download;
  readonly signal: AbortSignal;
  readonly task: Task;
  /** The most that all files of the source package may have together. */
  readonly limitBytes?: number;
}

/**
 * Fetches a .dsc and the files that it lists, which lie beside it, into an empty directory. Gives the .dsc's path.
 * Each file is verified by size and SHA256 while it comes, and has its name only when it is whole.
 * @throws Failure checksum-mismatch, source-too-large, unsafe-file-name (package) and those of `download`.
 */
export async function downloadDsc(
  url: string,
  directory: string,
  options: DownloadDscOptions,
): Promise<string> {
  const { download, signal, task, limitBytes = defaultLimit } = options;
  const dscName = checkFileName(lastName(url), withoutSecrets(url));
  const text = await retryBrokenOff(url, signal, async () =>
    readAll(await download(url, { signal }), dscName),
  );
  const source = sourceFromDsc(text.toString("utf8"), dscName);
  const total = source.files.reduce((sum, file) => sum + file.size, text.length);
  if (total > limitBytes) throw tooLarge(`${dscName} with its files`, total, limitBytes);
  let done = 0;
  const progress = (bytes: number) => task.progress((done += bytes), total, "bytes");
  for (const file of source.files) {
    throwIfAborted(signal);
    const uri = new URL(`./${file.name}`, url).href;
    await retryBrokenOff(uri, signal, async () =>
      saveVerified(await download(uri, { signal }), file, directory, progress),
    );
  }
  const self = { name: dscName, size: text.length, sha256: createHash("sha256").update(text).digest("hex") };
  await saveVerified([text], self, directory, progress);
  return join(directory, dscName);
}

/** The name at the end of an address. @throws Failure bad-uri (usage). */
function lastName(url: string): string {
  try {
    return decodeURIComponent(new URL(url).pathname.split("/").at(-1) ?? "");
  } catch (cause) {
    throw new Failure(
      "usage",
      "bad-uri",
      `${withoutSecrets(url)} is not an address: its percent-encoding is wrong`,
      {
        hint: "Write a literal percent sign as %25.",
        cause,
      },
    );
  }
}

/** Of the order of the largest source package in Debian, with room. */
const defaultLimit = 16 * 1024 ** 3;

async function readAll(content: Readable, name: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of content) {
    const part: Uint8Array = chunk;
    bytes += part.length;
    if (bytes > dscLimit) throw tooLarge(name, bytes, dscLimit);
    chunks.push(part);
  }
  return Buffer.concat(chunks);
}

async function saveVerified(
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  expected: ListedFile,
  directory: string,
  progress: (bytes: number) => void,
): Promise<void> {
  const unfinished = join(directory, `.${expected.name}.part`);
  const hash = createHash("sha256");
  let bytes = 0;
  let shown = 0;
  try {
    await using file = await open(
      unfinished,
      constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL,
      0o644,
    );
    for await (const chunk of content) {
      bytes += chunk.length;
      if (bytes > expected.size) throw mismatch(expected.name, `more than ${expected.size} bytes`);
      hash.update(chunk);
      await file.writeFile(chunk);
      progress(chunk.length);
      shown += chunk.length;
    }
    if (bytes !== expected.size) throw mismatch(expected.name, `${bytes} and not ${expected.size} bytes`);
    if (hash.digest("hex") !== expected.sha256)
      throw mismatch(expected.name, "another SHA256 than its .dsc says");
  } catch (thrown) {
    await rm(unfinished, { force: true });
    progress(-shown);
    throw isFilesystemError(thrown, unfinished) ? unwritable(unfinished, thrown) : thrown;
  }
  await rename(unfinished, join(directory, expected.name));
}

/** A write through a handle fails without the path. */
function isFilesystemError(thrown: unknown, path: string): boolean {
  if (!(thrown instanceof Error) || !("code" in thrown)) return false;
  return ("path" in thrown && thrown.path === path) || /^(ENOSPC|EDQUOT|EIO)$/.test(String(thrown.code));
}

function mismatch(name: string, what: string): Failure {
  return new Failure("package", "checksum-mismatch", `${name} came with ${what}`, {
    hint: "The server has another file than its .dsc describes: try another mirror, or wait until it has synchronised.",
    details: { name },
  });
}

function tooLarge(what: string, bytes: number, limit: number): Failure {
  return new Failure(
    "package",
    "source-too-large",
    `${what}: ${bytes} bytes are more than the allowed ${limit}`,
    {
      hint: "Check that the URL is that of the right source package.",
      details: { bytes, limit },
    },
  );
}
