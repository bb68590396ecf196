import { readdir, realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Failure } from "../../base/failure.ts";
import { type SourcePackage, sourceFromControl } from "../../debian/source-package.ts";
import { parseVersion } from "../../debian/version.ts";
import { packTar, type TarEntry } from "../../oci/tar.ts";
import type { OpenedSource, Owner } from "../source.ts";
import { aboutBuilding } from "./excludes.ts";
import { isOwnOutput } from "./own-output.ts";
import { readInside } from "./read-inside.ts";
import { entryOf, treeEntries } from "./tree-entries.ts";

/**
 * Reads what an unpacked source tree is, and finds its original tarballs in the directory above it unless another is named.
 * @throws Failure not-a-source-tree (usage), those of `sourceFromControl` and `readInside`.
 */
export async function openTree(directory: string, originals?: string): Promise<OpenedSource> {
  const top = await realpath(directory);
  const source = sourceFromControl({
    control: await required(top, "debian/control"),
    changelog: await required(top, "debian/changelog"),
    format: await readInside(top, "debian/source/format", 1024),
  });
  const treeName = `${source.name}-${parseVersion(source.version).upstream}`;
  const above = originals ?? dirname(top);
  const origTarballs = await findOrigTarballs(above, source);
  return {
    package: source,
    layout: "tree",
    debianOnly: await isDebianOnly(top, source),
    directory: top,
    dscName: null,
    treeName,
    origin: top,
    origTarballs,
    digest: null,
    files: [],
    tar: (owner) => packTar(entries(top, treeName, above, origTarballs, owner)),
  };
}

/** Git's own files at the top are about the packaging, and debkiln's about the building. */
async function isDebianOnly(top: string, { format, version }: SourcePackage): Promise<boolean> {
  if (format === "3.0 (native)" || parseVersion(version).revision === null) return false;
  for (const name of await readdir(top)) {
    if (name === "debian" || name.startsWith(".git") || aboutBuilding.has(name)) continue;
    if (await isOwnOutput(top, name)) continue;
    return false;
  }
  return true;
}

async function required(directory: string, path: string): Promise<string> {
  const text = await readInside(directory, path, textLimit);
  if (text !== null) return text;
  throw new Failure("usage", "not-a-source-tree", `${directory} has no ${path}`, {
    hint: "Name the top directory of an unpacked source package.",
  });
}

/** More than any package's debian/control and newest changelog entry; older entries may be cut off. */
const textLimit = 8 * 1024 * 1024;

/** `NAME_UPSTREAM.orig[-COMPONENT].tar.EXT[.asc]` in the directory above a tree that is not native (dpkg-source(1)). */
export async function findOrigTarballs(above: string, source: SourcePackage): Promise<readonly string[]> {
  const { upstream, revision } = parseVersion(source.version);
  if (revision === null || source.format === "3.0 (native)") return [];
  const stem = `${source.name}_${upstream}.orig`;
  return (await origTarballsIn(above)).filter((name) => isOriginal(name, stem));
}

/** Whether a file is an original tarball, or the signature of one, of what has names that begin with `NAME_UPSTREAM.orig`. */
export function isOriginal(name: string, stem: string): boolean {
  return name.startsWith(stem) && origEnding.test(name.slice(stem.length));
}

/** The original tarballs of any sources in a directory, sorted; none where it cannot be read. */
export async function origTarballsIn(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory).catch(() => []);
  return names
    .filter((name) => {
      const [, ending] = /^.*\.orig(.*)$/.exec(name) ?? [];
      return ending !== undefined && origEnding.test(ending);
    })
    .toSorted();
}

const origEnding = /^(-[A-Za-z0-9][A-Za-z0-9-]*)?\.tar\.(gz|bz2|lzma|xz|zst)(\.asc)?$/;

async function* entries(
  top: string,
  treeName: string,
  above: string,
  origTarballs: readonly string[],
  owner: Owner,
): AsyncGenerator<TarEntry> {
  for (const name of origTarballs) yield await tarballEntry(join(above, name), owner);
  yield* treeEntries(top, treeName, owner);
}

/** A tarball may be a link, as uscan(1) makes them: the file that it leads to is sent under the link's name. */
async function tarballEntry(path: string, owner: Owner): Promise<TarEntry> {
  const file = await realpath(path).catch(() => path);
  return { ...(await entryOf(file, basename(path), owner)), mode: 0o644 };
}
