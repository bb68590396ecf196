import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type GitRun, git, gitOverNetwork } from "./git.ts";

/** A bare repository of ours with what another one has: its configuration, attributes and hooks are ours too. */
export interface Repository {
  /** Words for git, before its command. */
  readonly inside: readonly string[];
  /** Full names of branches, remote-tracking ones too, and tags, with their objects. */
  readonly references: ReadonlyMap<string, string>;
}

/**
 * All references of a repository, `OBJECT\tREFERENCE` a line; tags with a text of their own are there a second time, as
 * `REFERENCE^{}`, with what they stand for. @throws Failure what `git` raises.
 */
export async function listReferences(url: string, run: GitRun): Promise<string> {
  const clone = cloneAt(url);
  return clone === null ? await gitOverNetwork(["ls-remote", "--", url], run) : await listClone(clone, run);
}

/** As `listReferences`, of a clone on this machine. */
export async function listClone(clone: string, run: GitRun): Promise<string> {
  // Unlike show-ref, this does not fail where there is none.
  const format =
    "%(objectname)%09%(refname)%(if)%(*objectname)%(then)%0a%(*objectname)%09%(refname)^{}%(end)";
  const listing = await git(["-C", clone, "for-each-ref", `--format=${format}`], run);
  const head = await git(["-C", clone, "rev-parse", "--verify", "--quiet", "HEAD"], run).catch(() => "");
  run.signal.throwIfAborted();
  return [...(head === "" ? [] : [`${head}\tHEAD`]), listing].join("\n");
}

/** References with their objects, as `listReferences` gives them. Pure. */
export function referencesIn(listing: string): ReadonlyMap<string, string> {
  return new Map(
    listing.split("\n").flatMap((line): [string, string][] => {
      const [object = "", name] = line.split("\t");
      return name === undefined ? [] : [[name, object]];
    }),
  );
}

/** Makes a repository in an empty place with what is at an address: fetched, or of a clone here, whose objects are read where they are. */
export async function bringRepository(
  url: string,
  listing: string,
  bare: string,
  run: GitRun,
): Promise<Repository> {
  const clone = cloneAt(url);
  if (clone !== null) return await borrowClone(clone, listing, bare, run);
  const inside = await makeBare(bare, listing, run);
  await gitOverNetwork(
    [...inside, "fetch", "--quiet", "--no-write-fetch-head", "--", url, "+refs/*:refs/*"],
    run,
  );
  return { inside, references: referencesIn(listing) };
}

/** As `bringRepository`, of a clone on this machine. */
export async function borrowClone(
  clone: string,
  listing: string,
  bare: string,
  run: GitRun,
): Promise<Repository> {
  const inside = await makeBare(bare, listing, run);
  const objects = await git(
    ["-C", clone, "rev-parse", "--path-format=absolute", "--git-path", "objects"],
    run,
  );
  await writeFile(join(bare, "objects/info/alternates"), `${objects}\n`);
  const references = referencesIn(listing);
  const packed = [...references].filter(([name]) => name.startsWith("refs/") && !name.endsWith("^{}"));
  await writeFile(join(bare, "packed-refs"), packed.map(([name, object]) => `${object} ${name}\n`).join(""));
  return { inside, references };
}

/** The directory of a clone on this machine; null for a repository elsewhere. */
export function cloneAt(url: string): string | null {
  return url.startsWith("file:") ? fileURLToPath(url) : null;
}

/** Above all others: files come out as they were put in. */
const attributes = "* -export-subst -export-ignore -filter -text -eol -ident -working-tree-encoding\n";

async function makeBare(bare: string, listing: string, run: GitRun): Promise<readonly string[]> {
  const format = /^[0-9a-f]{64}\t/.test(listing) ? "sha256" : "sha1";
  await git(["init", "--quiet", "--bare", "--template=", `--object-format=${format}`, "--", bare], run);
  await mkdir(join(bare, "info"), { recursive: true });
  await writeFile(join(bare, "info/attributes"), attributes);
  return [`--git-dir=${bare}`];
}
