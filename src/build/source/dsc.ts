import { createHash } from "node:crypto";
import { realpath, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { digestOf, hexOf } from "../../base/digest.ts";
import { Failure } from "../../base/failure.ts";
import type { ListedFile } from "../../debian/checksums.ts";
import { checkFileName } from "../../debian/file-name.ts";
import { sourceFromDsc } from "../../debian/source-package.ts";
import { parseVersion } from "../../debian/version.ts";
import { packTar, type TarEntry } from "../../oci/tar.ts";
import type { OpenedSource, Owner } from "../source.ts";
import { readStart, unreadable } from "./read-inside.ts";
import { contentOf, entryOf } from "./tree-entries.ts";

/** Larger than any .dsc in Debian by far. */
export const dscLimit = 4 * 1024 * 1024;

/**
 * Reads a .dsc and verifies the files beside it: sizes and SHA256 of each. The signature is not verified.
 * @throws Failure source-file-missing, checksum-mismatch, source-too-large, unsafe-file-name and others of `sourceFromDsc` (package).
 */
export async function openDsc(path: string): Promise<OpenedSource> {
  const dscName = checkFileName(basename(path), path);
  const bytes = await readDsc(path);
  const source = sourceFromDsc(bytes.toString("utf8"), dscName);
  const directory = dirname(path);
  for (const file of source.files) await verifyFile(directory, file, dscName);
  return {
    package: source,
    layout: "dsc",
    directory: null,
    dscName,
    treeName: `${source.name}-${parseVersion(source.version).upstream}`,
    origin: path,
    origTarballs: source.files.map(({ name }) => name).filter((name) => name.includes(".orig")),
    digest: digestOf(bytes),
    files: [
      { name: dscName, sha256: digestOf(bytes), sizeBytes: bytes.length, uri: null },
      ...source.files.map(({ name, size, sha256 }) => ({
        name,
        sha256: `sha256:${sha256}` as const,
        sizeBytes: size,
        uri: null,
      })),
    ],
    tar: (owner) =>
      packTar(
        entries(directory, [{ name: dscName, sha256: hexOf(digestOf(bytes)) }, ...source.files], owner),
      ),
  };
}

async function readDsc(path: string): Promise<Buffer> {
  const bytes = await realpath(path)
    .then((real) => readStart(real, dscLimit + 1))
    .catch((thrown: unknown) => {
      throw thrown instanceof Failure ? thrown : unreadable(path, thrown);
    });
  if (bytes.length <= dscLimit) return bytes;
  throw new Failure("package", "source-too-large", `${path} is larger than the allowed ${dscLimit} bytes`, {
    hint: "No .dsc is that large: check that it is one.",
    details: { path },
  });
}

async function verifyFile(directory: string, file: ListedFile, dscName: string): Promise<void> {
  const path = join(directory, file.name);
  const stats = await stat(path).catch(() => null);
  if (stats === null || !stats.isFile()) throw fileMissing(file.name, dscName, directory);
  if (stats.size !== file.size) throw mismatch(path, `${stats.size} bytes`, `${file.size} bytes`, dscName);
  const hash = createHash("sha256");
  for await (const chunk of contentOf(await realpath(path))) hash.update(chunk);
  const sha256 = hash.digest("hex");
  if (sha256 !== file.sha256) throw mismatch(path, `SHA256 ${sha256}`, file.sha256, dscName);
}

type Named = Pick<ListedFile, "name" | "sha256">;

async function* entries(directory: string, files: readonly Named[], owner: Owner): AsyncGenerator<TarEntry> {
  const [dsc] = files;
  for (const { name, sha256 } of files) {
    const path = await realpath(join(directory, name));
    const entry = await entryOf(path, name, owner);
    if (entry.type !== "file") throw fileMissing(name, dsc?.name ?? name, directory);
    const content = () => stillThat(path, sha256, dsc?.name ?? name);
    yield { ...entry, mode: 0o644, content };
  }
}

/** A file's bytes, which may have changed since they were verified: then its error, after the last of them, is checksum-mismatch. */
async function* stillThat(path: string, sha256: string, dscName: string): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256");
  for await (const chunk of contentOf(path)) {
    hash.update(chunk);
    yield chunk;
  }
  const found = hash.digest("hex");
  if (found !== sha256) throw mismatch(path, `SHA256 ${found}`, sha256, dscName);
}

function fileMissing(name: string, dscName: string, directory: string): Failure {
  return new Failure(
    "package",
    "source-file-missing",
    `${dscName} lists ${name}, which is not in ${directory}`,
    {
      hint: `Put all files of the source package beside its .dsc (\`dget\` or \`apt-get source --download-only\` fetch them).`,
      details: { name, directory },
    },
  );
}

function mismatch(path: string, is: string, wanted: string, dscName: string): Failure {
  return new Failure("package", "checksum-mismatch", `${path} has ${is}, but ${dscName} says ${wanted}`, {
    hint: "The file is damaged or of another version: fetch the source package again.",
    details: { path },
  });
}
