import { readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { type Digest, digestOf } from "../base/digest.ts";
import { Failure, asFailure } from "../base/failure.ts";
import { errorCode, nullIfMissing } from "../base/system-error.ts";
import { type BinaryPackage, binaryPackage } from "../debian/binary-package.ts";
import { type ListedFile, parseChecksums } from "../debian/checksums.ts";
import { type Field, type Stanza, parseDeb822 } from "../debian/deb822.ts";
import { checkPackageName } from "../debian/field.ts";
import { type Release, parseRelease } from "../debian/release.ts";
import type { LocalRepository } from "./settings.ts";

/** A binary package in a suite. */
export interface BinaryEntry {
  readonly component: string;
  readonly package: BinaryPackage;
  /** From the repository's directory. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: Digest;
}

/** A source package in a suite. */
export interface SourceEntry {
  readonly component: string;
  readonly name: string;
  readonly version: string;
  /** From the repository's directory. */
  readonly directory: string;
  /** Its .dsc among them. */
  readonly files: readonly ListedFile[];
  /** Its stanza of the index, without where it lies. */
  readonly fields: readonly Field[];
}

/** All packages of a suite. */
export interface SuiteContent {
  readonly binaries: readonly BinaryEntry[];
  readonly sources: readonly SourceEntry[];
}

/** A suite as it was published. */
export interface PublishedSuite {
  readonly content: SuiteContent;
  readonly release: Release;
  /** The directory of its generation, absolute. */
  readonly directory: string;
}

/**
 * What is published of a suite, or null when nothing is yet. Its indices are compared with its Release file, whose signature is
 * not checked here. @throws Failure repository-damaged (infrastructure), repository-foreign (usage).
 */
export async function readSuite(
  { directory }: Pick<LocalRepository, "directory">,
  suite: string,
): Promise<PublishedSuite | null> {
  const place = join(directory, "dists", suite);
  const target = await readlink(place).catch((thrown: unknown) => {
    if (errorCode(thrown) === "EINVAL") throw foreign(place);
    return nullIfMissing(thrown);
  });
  if (target === null) return null;
  const generation = join(directory, "dists", target);
  const release = releaseOf(await text(join(generation, "Release"), place), place);
  const indices = new Map<string, readonly Stanza[]>();
  for (const [path, listed] of release.sha256) {
    if (!/\/(?:Packages|Sources)$/.test(path)) continue;
    const content = await text(join(generation, path), place);
    if (digestOf(content) !== listed.digest) throw damaged(join(place, path), "is not what Release says");
    indices.set(path, parseDeb822(content, join(place, path), "infrastructure"));
  }
  return { content: contentOf(indices), release, directory: generation };
}

function releaseOf(content: string, place: string): Release {
  const path = join(place, "Release");
  try {
    return parseRelease(content, path);
  } catch (thrown) {
    throw damaged(path, `is none: ${asFailure(thrown).message}`, thrown);
  }
}

function contentOf(indices: ReadonlyMap<string, readonly Stanza[]>): SuiteContent {
  const binaries = new Map<string, BinaryEntry>();
  const sources: SourceEntry[] = [];
  for (const [path, stanzas] of indices) {
    const component = path.split("/")[0] ?? "";
    if (path.endsWith("/Sources")) sources.push(...stanzas.map((each) => sourceEntry(each, component)));
    else
      for (const stanza of stanzas) {
        const entry = binaryEntry(stanza, component);
        binaries.set(binaryIdentity(entry), entry);
      }
  }
  return { binaries: [...binaries.values()], sources };
}

/** What tells packages of a suite apart. */
function binaryIdentity({ component, package: { name, version, architecture } }: BinaryEntry): string {
  return [component, name, version, architecture].join(" ");
}

function binaryEntry(stanza: Stanza, component: string): BinaryEntry {
  const parsed = binaryPackage(stanza, ([name]) => !["Filename", "Size", "SHA256"].includes(name));
  const sha256 = stanza.require("SHA256");
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw damaged(stanza.at.origin, "has no SHA256");
  return {
    component,
    package: parsed,
    path: stanza.require("Filename"),
    sizeBytes: Number(stanza.require("Size")),
    sha256: `sha256:${sha256}`,
  };
}

function sourceEntry(stanza: Stanza, component: string): SourceEntry {
  return {
    component,
    name: checkPackageName(stanza.require("Package"), stanza),
    version: stanza.require("Version"),
    directory: stanza.require("Directory"),
    files: parseChecksums(stanza),
    fields: stanza.fields().filter(([name]) => name !== "Directory"),
  };
}

async function text(path: string, place: string): Promise<string> {
  return await readFile(path, "utf8").catch((cause: unknown) => {
    throw damaged(place, "cannot be read", cause);
  });
}

function foreign(place: string): Failure {
  return new Failure("usage", "repository-foreign", `${place} was not made by debkiln`, {
    hint: "Maintain that repository with the tool that made it, or begin another in an empty directory.",
  });
}

export function damaged(path: string, what: string, cause?: unknown): Failure {
  return new Failure("infrastructure", "repository-damaged", `The repository is damaged: ${path} ${what}`, {
    hint: "`debkiln repo verify` tells all that is wrong; a new repository can be made of the files in its pool.",
    details: { path },
    cause,
  });
}
