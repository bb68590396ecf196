import { link, mkdir, readFile, readdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { type Digest, digestOf, hexOf } from "../base/digest.ts";
import { errorCode, isMissing, nullIfMissing } from "../base/system-error.ts";
import { type ListedIndex, type SuiteDescription, formatRelease } from "../debian/release-text.ts";
import { type Release, parseRelease } from "../debian/release.ts";
import type { Signer } from "../openpgp/signer.ts";
import { compressXz } from "./decompress.ts";
import type { Index } from "./indices.ts";

/** One state of a suite that is about to be published. */
export interface Generation {
  readonly suite: SuiteDescription;
  readonly indices: readonly Index[];
  readonly signer: Signer;
  readonly signal: AbortSignal;
}

/**
 * Publishes a state of a suite below `dists`. It is made whole in a directory of its own, and then `dists/SUITE`, a symbolic
 * link, is switched to it in one step: readers see the one state or the other. Files of the last states stay to be had by their
 * digests, for readers that have begun with an older InRelease. Whoever calls must be the only one that does.
 */
export async function publishGeneration(dists: string, generation: Generation): Promise<void> {
  const { signer } = generation;
  const { suite } = generation.suite;
  await mkdir(dists, { recursive: true });
  const earlier = await generationsOf(dists, suite);
  const number = (earlier[0]?.number ?? 0) + 1;
  const name = `.${suite}.${String(number).padStart(6, "0")}`;
  const directory = join(dists, name);
  const listed: ListedIndex[] = [];
  for (const index of generation.indices)
    listed.push(...(await writeIndex(directory, index, earlier[0] ?? null, generation.signal)));
  const release = formatRelease(generation.suite, listed);
  await writeFile(join(directory, "Release"), release);
  await writeFile(join(directory, "Release.gpg"), await signer.detachedSignature(Buffer.from(release)));
  await writeFile(join(directory, "InRelease"), await signer.clearSign(release));
  const kept = earlier.slice(0, keptGenerations - 1);
  for (const each of kept) await linkByHash(directory, each);
  await switchTo(dists, suite, name);
  for (const each of earlier.slice(kept.length)) await rm(each.directory, { recursive: true, force: true });
}

/** How many states of a suite there are files of. */
const keptGenerations = 10;

interface Earlier {
  readonly number: number;
  readonly directory: string;
  readonly release: Release;
}

/** Earlier states of a suite, the newest first. What a process that died had begun is removed. */
async function generationsOf(dists: string, suite: string): Promise<readonly Earlier[]> {
  const found: Earlier[] = [];
  for (const name of await readdir(dists)) {
    const number = /^\.(.+)\.([0-9]{6,9})(?:\.link)?$/.exec(name);
    if (number?.[1] !== suite) continue;
    const directory = join(dists, name);
    const text = await readFile(join(directory, "InRelease"), "utf8").catch(nullIfMissing);
    if (text === null || name.endsWith(".link")) await rm(directory, { recursive: true, force: true });
    else found.push({ number: Number(number[2]), directory, release: parseRelease(text, directory) });
  }
  return found.toSorted((a, b) => b.number - a.number);
}

/** Writes an index in all its forms, by name and by digest; those that have not changed are linked from the last state. */
async function writeIndex(
  directory: string,
  { path, text }: Index,
  before: Earlier | null,
  signal: AbortSignal,
): Promise<readonly ListedIndex[]> {
  const plain = Buffer.from(text);
  const self = { path, size: plain.length, digest: digestOf(plain) };
  const forms = formsOf(path);
  const known = before === null ? [] : forms.map((ending) => before.release.sha256.get(path + ending));
  const isSame = before?.release.sha256.get(path)?.digest === self.digest;
  const listed = [self];
  for (const [at, ending] of forms.entries()) {
    const form = known[at];
    if (isSame && before !== null && form !== undefined) {
      await linkForm(before.directory, directory, path + ending, form.digest);
      if (ending !== "") listed.push({ path: path + ending, ...form });
    } else {
      const bytes = await compress(plain, ending, signal);
      const digest = digestOf(bytes);
      await writeForm(directory, path + ending, bytes, digest);
      if (ending !== "") listed.push({ path: path + ending, size: bytes.length, digest });
    }
  }
  return listed;
}

/** A Contents index is only there compressed, as in Debian's archive. */
function formsOf(path: string): readonly string[] {
  return /\/Contents-[^/]+$/.test(path) ? [".gz"] : ["", ".gz", ".xz"];
}

async function compress(plain: Buffer, ending: string, signal: AbortSignal): Promise<Uint8Array> {
  if (ending === ".gz") return gzipSync(plain, { level: 9 });
  return ending === ".xz" ? await compressXz(plain, signal) : plain;
}

async function writeForm(directory: string, path: string, bytes: Uint8Array, digest: Digest): Promise<void> {
  const byHash = join(directory, hashPath(path, digest));
  await mkdir(dirname(byHash), { recursive: true });
  await writeFile(byHash, bytes);
  await link(byHash, join(directory, path));
}

async function linkForm(from: string, to: string, path: string, digest: Digest): Promise<void> {
  const byHash = hashPath(path, digest);
  await mkdir(dirname(join(to, byHash)), { recursive: true });
  await link(join(from, byHash), join(to, byHash)).catch(ignoreExisting);
  await link(join(to, byHash), join(to, path));
}

/** Makes the files of an earlier state available by their digests in a new one. */
async function linkByHash(directory: string, earlier: Earlier): Promise<void> {
  for (const [path, { digest }] of earlier.release.sha256) {
    const byHash = hashPath(path, digest);
    await mkdir(dirname(join(directory, byHash)), { recursive: true });
    await link(join(earlier.directory, byHash), join(directory, byHash)).catch(ignoreAbsent);
  }
}

function ignoreExisting(thrown: unknown): void {
  if (errorCode(thrown) !== "EEXIST") throw thrown;
}

/** The plain form of a Contents index is nowhere; and most are there already. */
function ignoreAbsent(thrown: unknown): void {
  if (!isMissing(thrown)) ignoreExisting(thrown);
}

function hashPath(path: string, digest: Digest): string {
  return join(dirname(path), "by-hash", "SHA256", hexOf(digest));
}

async function switchTo(dists: string, suite: string, name: string): Promise<void> {
  const temporary = join(dists, `${name}.link`);
  await symlink(name, temporary);
  await rename(temporary, join(dists, suite));
}
