import { createHash } from "node:crypto";
import { constants, type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { throwIfAborted } from "../base/event.ts";
import { Failure } from "../base/failure.ts";
import type { ListedFile } from "../debian/checksums.ts";
import { checkFileName } from "../debian/file-name.ts";
import { readTar, type TarHeader, type TarMember } from "../oci/tar-reader.ts";
import { unwritable } from "./publish.ts";
import { artifactKind, type Artifact } from "./result.ts";

export interface CollectRequest {
  /** A tar of one flat directory, as the engine gives it: from a container in which hostile code ran. */
  readonly tar: Readable;
  /** The .changes as it was read before; the tar must hold the same bytes under this name. */
  readonly changesFile: { readonly name: string; readonly content: Uint8Array };
  /** What the .changes says. */
  readonly changes: { readonly files: readonly ListedFile[] };
  /** Where the results shall lie. */
  readonly directory: string;
  readonly limits: CollectLimits;
  readonly signal: AbortSignal;
}

export interface CollectLimits {
  readonly fileBytes: number;
  readonly totalBytes: number;
}

/**
 * Takes a build's results out of its container: the .changes and exactly the files in it, with the sizes and SHA256
 * in it. They come into an empty directory of the caller's, which has to remove it after a failure.
 * @throws Failure hostile-result, result-missing, result-mismatch, result-too-large (package).
 */
export async function stageResults(request: CollectRequest): Promise<readonly Artifact[]> {
  const { tar, directory, limits, signal } = request;
  const stop = () => tar.destroy(signal.reason instanceof Error ? signal.reason : undefined);
  signal.addEventListener("abort", stop);
  try {
    throwIfAborted(signal);
    const expected = expectedFiles(request, limits);
    const found = new Map<string, Artifact>();
    let root: string | null = null;
    for await (const member of readTar(tar)) {
      if (member.header.type === "directory") {
        root = checkRoot(member.header, root, found.size);
        continue;
      }
      const file = checkMember(member.header, root, expected);
      if (found.has(file.name)) throw hostile(member.header, "comes twice");
      found.set(file.name, await writeResultFile(member, file, directory));
    }
    const missing = [...expected.keys()].find((name) => !found.has(name));
    if (missing !== undefined) throw resultMissing(missing, request.changesFile.name);
    return [...found.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch (thrown) {
    throwIfAborted(signal);
    throw thrown;
  } finally {
    signal.removeEventListener("abort", stop);
    tar.destroy();
  }
}

/** What the .changes promises, by name, within the limits before anything is read. */
function expectedFiles(request: CollectRequest, limits: CollectLimits): Map<string, ListedFile> {
  const { name, content } = request.changesFile;
  const self = { name, size: content.length, sha256: createHash("sha256").update(content).digest("hex") };
  const expected = new Map<string, ListedFile>();
  let total = 0;
  for (const file of [self, ...request.changes.files]) {
    checkFileName(file.name, name);
    if (ownFile.test(file.name)) {
      throw new Failure(
        "package",
        "hostile-result",
        `${name} lists ${file.name}, a name of debkiln's own files`,
        {
          hint: hostileHint,
        },
      );
    }
    if (expected.has(file.name)) {
      throw new Failure("package", "hostile-result", `${name} lists ${file.name} twice`, {
        hint: hostileHint,
      });
    }
    total += file.size;
    if (file.size > limits.fileBytes || total > limits.totalBytes) throw tooLarge(file, limits);
    expected.set(file.name, file);
  }
  return expected;
}

/** What debkiln itself writes beside the results. */
const ownFile = /^(result\.json|lock\.json|events\.jsonl)$|\.(build|spdx\.json|provenance\.json)$/;

/** One directory may come first: the one that the files lie in. Gives its path with a slash. */
function checkRoot(header: TarHeader, root: string | null, found: number): string {
  const path = header.path.replace(/\/$/, "");
  if (root !== null || found > 0) throw hostile(header, "is a directory among the results");
  if (path !== "." && !/^(\.\/)?[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(path))
    throw hostile(header, "is an unsafe directory name");
  return `${path}/`;
}

/** The promised file that this member is. */
function checkMember(
  header: TarHeader,
  root: string | null,
  expected: ReadonlyMap<string, ListedFile>,
): ListedFile {
  if (header.type !== "file") throw hostile(header, `is ${typeNames[header.type]} and not a regular file`);
  const strange = Object.keys(header.pax).find((key) => !plainPaxKey.test(key));
  if (strange !== undefined) throw hostile(header, `has the tar attribute ${strange.slice(0, 40)}`);
  const name = root !== null && header.path.startsWith(root) ? header.path.slice(root.length) : header.path;
  if (name.includes("/") || name === "." || name === "..")
    throw hostile(header, "lies outside of the results' directory");
  const file = expected.get(name);
  if (file === undefined) throw hostile(header, "is not listed in the .changes");
  if (file.size !== header.size) throw mismatch(name, `${header.size} bytes`, `${file.size} bytes`);
  return file;
}

/** Records about times and owners change nothing here; sparse maps and vendors' records could. */
const plainPaxKey = /^([acm]time|[ug]id|[ug]name|path|size|hdrcharset|SCHILY\.xattr\..*|LIBARCHIVE\..*)$/;

const typeNames = {
  directory: "a directory",
  symlink: "a symbolic link",
  link: "a hard link",
  "character-device": "a character device",
  "block-device": "a block device",
  fifo: "a named pipe",
  other: "a tar member of an unknown kind",
} as const satisfies Record<Exclude<TarHeader["type"], "file">, string>;

const newFile = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

async function writeResultFile(
  member: TarMember,
  expected: ListedFile,
  directory: string,
): Promise<Artifact> {
  const path = join(directory, expected.name);
  await using file = await open(path, newFile, 0o644).catch((cause: unknown) => {
    throw unwritable(path, cause);
  });
  const written = await writeHashed(member.content, file, path);
  // tar-stream gives as many bytes as the header says, and that was compared; a reader that did not would show here.
  if (written.bytes !== expected.size)
    throw mismatch(expected.name, `${written.bytes} bytes`, `${expected.size} bytes`);
  if (written.sha256 !== expected.sha256)
    throw mismatch(expected.name, `SHA256 ${written.sha256}`, expected.sha256);
  return {
    name: expected.name,
    path,
    sizeBytes: expected.size,
    sha256: `sha256:${expected.sha256}`,
    kind: artifactKind(expected.name),
  };
}

async function writeHashed(content: AsyncIterable<Uint8Array>, file: FileHandle, path: string) {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of content) {
    hash.update(chunk);
    bytes += chunk.length;
    await file.writeFile(chunk).catch((cause: unknown) => {
      throw unwritable(path, cause);
    });
  }
  return { bytes, sha256: hash.digest("hex") };
}

const hostileHint =
  "Nothing was taken over. A build writes only regular files that its .changes lists; look at what debian/rules does.";

function hostile(header: TarHeader, what: string): Failure {
  return new Failure(
    "package",
    "hostile-result",
    `The result ${JSON.stringify(header.path.slice(0, 200))} ${what}`,
    {
      hint: hostileHint,
      details: { path: header.path.slice(0, 4096), type: header.type },
    },
  );
}

function mismatch(name: string, is: string, wanted: string): Failure {
  return new Failure(
    "package",
    "result-mismatch",
    `The result ${name} has ${is}, but its .changes says ${wanted}`,
    {
      hint: "Something wrote to the file after dpkg-genchanges had measured it; nothing was taken over.",
      details: { name },
    },
  );
}

function resultMissing(name: string, changes: string): Failure {
  return new Failure(
    "package",
    "result-missing",
    `${changes} lists ${name}, but the build did not leave that file`,
    {
      hint: "Something removed or renamed the file after dpkg-genchanges; nothing was taken over.",
      details: { name },
    },
  );
}

function tooLarge(file: ListedFile, limits: CollectLimits): Failure {
  return new Failure(
    "package",
    "result-too-large",
    `The results are larger than allowed: ${file.name} has ${file.size} bytes`,
    {
      hint: `Up to ${limits.fileBytes} bytes are allowed for a file and ${limits.totalBytes} for all; raise the limit if that is right.`,
      details: { name: file.name, size: file.size, ...limits },
    },
  );
}
