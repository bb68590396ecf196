import { readFile, realpath } from "node:fs/promises";
import { basename, join } from "node:path";
import { type Digest, digestOf } from "../base/digest.ts";
import type { Task } from "../base/event.ts";
import { Failure } from "../base/failure.ts";
import { nullIfMissing } from "../base/system-error.ts";
import { type Release, parseRelease } from "../debian/release.ts";
import { type Repository, formatSources } from "../debian/repository.ts";
import type { Container } from "../engine/engine.ts";
import { type TarEntry, packTar } from "../oci/tar.ts";
import { localPath } from "../store/local-file.ts";
import { archiveFailure } from "./bootstrap-failure.ts";
import type { Kiln } from "./kiln.ts";
import { insideDirectory, nameInside, uriInside } from "./local-repositories.ts";
import type { LockedRelease } from "./lock.ts";
import { acceptedReleases } from "./resolver.ts";
import { Tail } from "./tail.ts";

/** Of which indices of repositories on this machine apt is told. */
export interface LocalIndices {
  readonly type: "deb" | "deb-src";
  readonly architectures: readonly string[];
  /** Those that must be the ones that are read. */
  readonly releases: readonly LockedRelease[];
  readonly task: Task;
}

/**
 * Adds the indices of repositories on this machine to those that a container's apt has: their signed files are streamed in, and apt
 * checks them as it would any.
 * @throws Failure not-found, archive-moving and what `archiveFailure` knows (infrastructure).
 */
export async function addLocalIndices(
  kiln: Kiln,
  container: Container,
  repositories: readonly Repository[],
  wanted: LocalIndices,
): Promise<void> {
  const suites = await Promise.all(repositories.flatMap(suitesOf).map((each) => readSuite(each, wanted)));
  const inside = repositories.map((each) => ({
    ...each,
    types: [wanted.type],
    uris: each.uris.map(uriInside),
  }));
  const directory = fileEntry({ path: basename(insideDirectory), type: "directory", mode: 0o755 });
  const files = [directory, ...suites.flatMap(({ files: each }) => each)];
  await container.put("/var/lib", packTar(files));
  await container.put(
    "/etc/apt",
    packTar([
      text(`sources.list.d/${sourcesName}`, formatSources(inside)),
      text("preferences.d/debkiln-local.pref", suites.map(preferencesOf).join("")),
    ]),
  );
  await update(kiln, container, repositories, wanted);
}

/** One suite at one address. */
interface LocalSuite {
  readonly uri: string;
  readonly suite: string;
  readonly repository: Repository;
}

function suitesOf(repository: Repository): readonly LocalSuite[] {
  return repository.uris.flatMap((uri) => repository.suites.map((suite) => ({ uri, suite, repository })));
}

interface ReadSuite {
  readonly release: Release;
  readonly repository: Repository;
  readonly files: readonly TarEntry[];
}

/** The signed index of a suite and those that it names, as far as apt wants them; of one state, whatever is published meanwhile. */
async function readSuite(
  { uri, suite, repository }: LocalSuite,
  { type, architectures }: LocalIndices,
): Promise<ReadSuite> {
  const place = suite.endsWith("/") ? suite.replace(/^(\.?\/)+|\/+$/g, "") : `dists/${suite}`;
  const directory = await realpath(join(localPath(uri), place)).catch(nullIfMissing);
  const inRelease = directory === null ? null : join(directory, "InRelease");
  const release = inRelease === null ? null : await readFile(inRelease, "utf8").catch(nullIfMissing);
  if (directory === null || release === null) throw notPublished(uri, suite);
  const parsed = parseRelease(release, `${uri}/${place}/InRelease`);
  const isWanted = wantedIndex(repository, type, architectures);
  const listed = [...parsed.sha256].filter(([path]) => isWanted(path));
  const below = [basename(insideDirectory), nameInside(uri), place].filter((part) => part !== "").join("/");
  const entries = await Promise.all(
    listed.map(([path, known]) => entryOf(join(directory, path), `${below}/${path}`, known)),
  );
  return {
    release: parsed,
    repository,
    files: [text(`${below}/InRelease`, release), ...entries.flat()],
  };
}

/** Whether a path of a Release file is an index that apt would want. */
function wantedIndex(
  { components }: Repository,
  type: LocalIndices["type"],
  architectures: readonly string[],
): (path: string) => boolean {
  const file = type === "deb" ? "Packages" : "Sources";
  const name = new RegExp(`(^|/)${file}(\\.(gz|xz|zst|bz2|lzma))?$`);
  const directories = type === "deb" ? [...architectures, "all"].map((each) => `binary-${each}`) : ["source"];
  const places = components.flatMap((component) => directories.map((each) => `${component}/${each}/`));
  return (path) =>
    name.test(path) && (components.length === 0 || places.some((each) => path.startsWith(each)));
}

/**
 * None where there is no such file: a Release file names forms that are nowhere. apt would find out too that a file is not
 * what it should be, but does not say so of local ones.
 */
async function entryOf(
  file: string,
  path: string,
  { size, digest }: { readonly size: number; readonly digest: Digest },
): Promise<readonly TarEntry[]> {
  const bytes = await readFile(file).catch(nullIfMissing);
  if (bytes === null) return [];
  if (bytes.length < size) throw corrupt(file, `is cut short: ${bytes.length} of ${size} bytes`);
  if (digestOf(bytes) !== digest) throw corrupt(file, "is not what its InRelease says");
  return [fileEntry({ path, type: "file", mode: 0o644, size: bytes.length, content: () => bytes })];
}

function corrupt(file: string, what: string): Failure {
  return new Failure("infrastructure", "archive-corrupt", `${file} ${what}`, {
    hint: "`debkiln repo verify` tells all that is wrong with a repository of debkiln's; else make its indices anew.",
    details: { file },
  });
}

function preferencesOf({ release, repository: { priority } }: ReadSuite): string {
  if (priority === undefined || release.label === null) return "";
  return `Package: *\nPin: release l=${release.label}\nPin-Priority: ${priority}\n\n`;
}

const sourcesName = "debkiln-local.sources";

async function update(
  kiln: Kiln,
  container: Container,
  repositories: readonly Repository[],
  { releases, task }: LocalIndices,
): Promise<void> {
  const said = new Tail(task);
  const options = [
    ["APT::Update::Error-Mode", "any"],
    // What is there of other repositories stays, and is not asked for again.
    ["APT::Get::List-Cleanup", "false"],
    ["Dir::Etc::sourcelist", `/etc/apt/sources.list.d/${sourcesName}`],
    ["Dir::Etc::sourceparts", "-"],
  ].flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  const { exitCode } = await container.run(["apt-get", "-q", ...options, "update"], {
    stdout: said,
    stderr: said,
    environment: { LC_ALL: "C.UTF-8" },
    signal: kiln.signal,
  });
  const names = repositories.flatMap(({ uris }) => uris);
  if (exitCode !== 0) throw refused(outside(said.text, names), names.join(" "));
  const accepted = await acceptedReleases(kiln, container);
  const moved = releases.find(({ digest }) => !accepted.has(digest));
  if (moved === undefined) return;
  throw new Failure("infrastructure", "archive-moving", `${moved.uri} changed while it was read`, {
    hint: "Something adds to that repository: try again when it has ended.",
  });
}

function refused(said: string, about: string): Failure {
  return (
    archiveFailure(said, about) ??
    new Failure("infrastructure", "update-failed", `apt could not read the indices of ${about}`, {
      hint: "The lines above are apt's own; `debkiln repo verify` tells what is wrong with a repository of debkiln's.",
      details: { output: said },
    })
  );
}

/** apt's words with the names of this machine in them. */
function outside(said: string, uris: readonly string[]): string {
  return uris.reduce((words, uri) => words.replaceAll(uriInside(uri), uri), said);
}

function notPublished(uri: string, suite: string): Failure {
  return new Failure("infrastructure", "not-found", `${uri} has no InRelease of ${suite}`, {
    hint: "Check the path and the suite; `debkiln repo init` makes a repository, `repo verify` tells what one lacks.",
  });
}

function text(path: string, content: string): TarEntry {
  const bytes = Buffer.from(content);
  return fileEntry({ path, type: "file", mode: 0o644, size: bytes.length, content: () => bytes });
}

type Unowned<Entry> = Entry extends TarEntry ? Omit<Entry, "uid" | "gid" | "mtime"> : never;

function fileEntry(entry: Unowned<TarEntry>): TarEntry {
  return { ...entry, uid: 0, gid: 0, mtime: 0 };
}
