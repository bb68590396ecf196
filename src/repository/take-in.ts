import { readFile, readdir, stat } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { digestOfFile } from "../base/digester.ts";
import { type Digest, hexOf } from "../base/digest.ts";
import { Failure } from "../base/failure.ts";
import { nullIfMissing } from "../base/system-error.ts";
import { debName } from "../debian/binary-package.ts";
import { parseChanges } from "../debian/changes.ts";
import type { ListedFile } from "../debian/checksums.ts";
import { type DebFile, readDebFile } from "./deb-file.ts";
import type { Incoming } from "./incoming.ts";
import type { StagedFile } from "./pool.ts";
import { type SourceStanza, sourceStanza } from "./source-file.ts";

/** A package that was copied in and read, and may now be put into a pool. */
export type Taken =
  | { readonly kind: "binary"; readonly deb: DebFile; readonly file: StagedFile }
  | { readonly kind: "source"; readonly source: SourceStanza; readonly files: readonly StagedFile[] };

/** A file to be taken, with what a .changes says of it. */
interface Wanted {
  readonly path: string;
  readonly expected: ListedFile | null;
}

/**
 * Copies packages in and reads them: .deb files, .dsc files with what they list, .changes files with what those list, and
 * directories of such. Installer packages (.udeb) are left out. @throws Failure package-file-missing, not-a-package (usage), bad-deb,
 * checksum-mismatch and what reading control data raises (package).
 */
export async function takeIn(
  incoming: Incoming,
  words: readonly string[],
  signal: AbortSignal,
): Promise<readonly Taken[]> {
  const wanted = new Map<string, Wanted>();
  for (const word of words) for (const each of await filesOf(word)) wanted.set(each.path, each);
  const taken: Taken[] = [];
  for (const each of wanted.values())
    taken.push(await (each.path.endsWith(".dsc") ? takeSource : takeBinary)(incoming, each, signal));
  return taken;
}

async function takeBinary(
  incoming: Incoming,
  { path, expected }: Wanted,
  signal: AbortSignal,
): Promise<Taken> {
  const staged = await incoming.take(path);
  const deb = await readDebFile(staged, { origin: path, signal });
  if (expected !== null) requireSame(path, expected, deb.sha256);
  return { kind: "binary", deb, file: { name: debName(deb.package), staged, sha256: deb.sha256 } };
}

async function takeSource(
  incoming: Incoming,
  { path, expected }: Wanted,
  signal: AbortSignal,
): Promise<Taken> {
  const files: StagedFile[] = [];
  const take = async (name: string, from: string, listed: ListedFile | null) => {
    const staged = await incoming.take(from);
    const sha256 = await digestOfFile(staged, signal);
    if (listed !== null) requireSame(from, listed, sha256);
    files.push({ name, staged, sha256 });
    return staged;
  };
  const { size } = await sizeOf(path);
  if (size > longestDsc) throw notAPackage(path);
  const copy = await take(basename(path), path, expected);
  const source = sourceStanza(await readFile(copy), path);
  files[0] = { ...(files[0] ?? { staged: copy, sha256: "sha256:" }), name: source.dsc };
  for (const each of source.others) await take(each.name, join(dirname(path), each.name), each);
  return { kind: "source", source, files };
}

const longestDsc = 4 * 1024 ** 2;

function requireSame(path: string, { sha256 }: ListedFile, found: Digest): void {
  if (hexOf(found) === sha256) return;
  throw new Failure(
    "package",
    "checksum-mismatch",
    `${path} has SHA256 ${hexOf(found)}, but ${sha256} is listed`,
    { hint: "The file is damaged or of another build: make or fetch all of them again.", details: { path } },
  );
}

/** What a word of the user's stands for. */
async function filesOf(word: string): Promise<readonly Wanted[]> {
  const stats = await sizeOf(word);
  if (stats.isDirectory()) return await filesIn(word);
  if (packageEndings.has(extname(word))) return [{ path: word, expected: null }];
  if (extname(word) === ".changes") return await filesOfChanges(word);
  throw notAPackage(word);
}

const packageEndings: ReadonlySet<string> = new Set([".deb", ".ddeb", ".dsc"]);

/** Of a build's results, what its .changes lists; else each package that lies there. */
async function filesIn(directory: string): Promise<readonly Wanted[]> {
  const names = (await readdir(directory)).toSorted();
  const changes = names.filter((name) => extname(name) === ".changes");
  const chosen = changes.length > 0 ? changes : names.filter((name) => packageEndings.has(extname(name)));
  if (chosen.length === 0) throw notAPackage(directory);
  return (await Promise.all(chosen.map((name) => filesOf(join(directory, name))))).flat();
}

async function filesOfChanges(path: string): Promise<readonly Wanted[]> {
  const { files } = parseChanges(await readFile(path, "utf8"), path);
  return files
    .filter(({ name }) => packageEndings.has(extname(name)))
    .map((expected) => ({ path: join(dirname(path), expected.name), expected }));
}

async function sizeOf(path: string) {
  const stats = await stat(path).catch(nullIfMissing);
  if (stats !== null) return stats;
  throw new Failure("usage", "package-file-missing", `There is no file ${path}`, {
    hint: "Give .deb, .dsc or .changes files, or directories of results.",
  });
}

function notAPackage(path: string): Failure {
  return new Failure("usage", "not-a-package", `${path} is not a package and has none in it`, {
    hint: "Give .deb, .dsc or .changes files, or directories of results.",
  });
}
