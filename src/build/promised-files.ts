import { createHash } from "node:crypto";
import { Failure } from "../base/failure.ts";
import type { ListedFile } from "../debian/checksums.ts";
import { checkFileName } from "../debian/file-name.ts";
import type { TarHeader } from "../oci/tar-reader.ts";

/** A .changes as it was read. */
export interface ChangesFile {
  readonly name: string;
  readonly content: Uint8Array;
}

export interface CollectLimits {
  readonly fileBytes: number;
  readonly totalBytes: number;
}

/**
 * The files that come with a .changes, itself among them, by name; within the limits before anything is read.
 * @throws Failure hostile-result, result-too-large (package).
 */
export function promisedFiles(
  { name, content }: ChangesFile,
  files: readonly ListedFile[],
  limits: CollectLimits,
): Map<string, ListedFile> {
  const self = { name, size: content.length, sha256: createHash("sha256").update(content).digest("hex") };
  const promised = new Map<string, ListedFile>();
  let total = 0;
  for (const file of [self, ...files]) {
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
    if (promised.has(file.name)) {
      throw new Failure("package", "hostile-result", `${name} lists ${file.name} twice`, {
        hint: hostileHint,
      });
    }
    total += file.size;
    if (file.size > limits.fileBytes || total > limits.totalBytes) throw tooLarge(file, limits);
    promised.set(file.name, file);
  }
  return promised;
}

/** What debkiln itself writes beside the results. */
const ownFile = /^(result\.json|lock\.json|events\.jsonl)$|\.(build|(spdx|provenance)\.json(\.asc)?)$/;

/** One directory may come first: the one that the files lie in. Gives its path with a slash. @throws Failure hostile-result. */
export function checkRoot(header: TarHeader, root: string | null, found: number): string {
  const path = header.path.replace(/\/$/, "");
  if (root !== null || found > 0) throw hostile(header, "is a directory among the results");
  if (path !== "." && !/^(\.\/)?[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(path))
    throw hostile(header, "is an unsafe directory name");
  return `${path}/`;
}

/** The promised file that a member of the tar is. @throws Failure hostile-result, result-mismatch (package). */
export function checkMember(
  header: TarHeader,
  root: string | null,
  promised: ReadonlyMap<string, ListedFile>,
): ListedFile {
  if (header.type !== "file") throw hostile(header, `is ${typeNames[header.type]} and not a regular file`);
  const strange = Object.keys(header.pax).find((key) => !plainPaxKey.test(key));
  if (strange !== undefined) throw hostile(header, `has the tar attribute ${strange.slice(0, 40)}`);
  const name = root !== null && header.path.startsWith(root) ? header.path.slice(root.length) : header.path;
  if (name.includes("/") || name === "." || name === "..")
    throw hostile(header, "lies outside of the results' directory");
  const file = promised.get(name);
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

const hostileHint =
  "Nothing was taken over. A build writes only regular files that its .changes lists; look at what debian/rules does.";

export function hostile(header: TarHeader, what: string): Failure {
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

export function mismatch(name: string, is: string, wanted: string): Failure {
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

export function resultMissing(name: string, changes: string): Failure {
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
