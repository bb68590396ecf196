import { hexOf } from "../base/digest.ts";
import type { Digest } from "../base/digest.ts";
import { type Owned, contentsOwner, formatContents } from "../debian/contents.ts";
import { type Field, formatDeb822 } from "../debian/deb822.ts";
import { compareVersions } from "../debian/version.ts";
import type { BinaryEntry, SourceEntry, SuiteContent } from "./content.ts";

/** One index of a suite: its path from the suite's directory, and its text. */
export interface Index {
  readonly path: string;
  readonly text: string;
}

/** What a suite's indices are made for, and what they tell beyond the packages themselves. */
export interface IndexScope {
  readonly components: readonly string[];
  readonly architectures: readonly string[];
  /** The files in each .deb, by its digest; null leaves the Contents indices out. */
  readonly paths: ReadonlyMap<Digest, readonly string[]> | null;
}

/**
 * All indices of a suite. The same packages give the same text in whatever order they came. Packages for all architectures
 * stand in the index of each and in one of their own, as in Debian's archive.
 */
export function indicesOf(content: SuiteContent, scope: IndexScope): readonly Index[] {
  const binaries = content.binaries.toSorted(byBinary);
  const sources = content.sources.toSorted(bySource);
  const architectures = ["all", ...scope.architectures];
  return scope.components.flatMap((component) => {
    const own = binaries.filter((each) => each.component === component);
    const of = (architecture: string) => own.filter((each) => each.package.architecture === architecture);
    const all = of("all");
    return [
      ...architectures.map((architecture) => ({
        path: `${component}/binary-${architecture}/Packages`,
        text: packagesText(architecture === "all" ? all : [...all, ...of(architecture)].toSorted(byBinary)),
      })),
      {
        path: `${component}/source/Sources`,
        text: formatDeb822(sources.filter((each) => each.component === component).map(sourceFields)),
      },
      ...(scope.paths === null ? [] : contentsIndices(component, architectures, of, scope.paths)),
    ];
  });
}

function packagesText(entries: readonly BinaryEntry[]): string {
  return formatDeb822(entries.map(binaryFields));
}

/** The stanza of a package in an index. */
export function binaryFields({
  package: { fields },
  path,
  sizeBytes,
  sha256,
}: BinaryEntry): readonly Field[] {
  return [...fields, ["Filename", path], ["Size", String(sizeBytes)], ["SHA256", hexOf(sha256)]];
}

function sourceFields({ fields, directory }: SourceEntry): readonly Field[] {
  return [...fields, ["Directory", directory]];
}

function contentsIndices(
  component: string,
  architectures: readonly string[],
  of: (architecture: string) => readonly BinaryEntry[],
  paths: ReadonlyMap<Digest, readonly string[]>,
): readonly Index[] {
  return architectures.map((architecture) => ({
    path: `${component}/Contents-${architecture}`,
    text: formatContents(
      of(architecture).map(({ package: known, sha256 }): Owned => ({
        owner: contentsOwner(known),
        paths: paths.get(sha256) ?? [],
      })),
    ),
  }));
}

function byBinary({ package: a }: BinaryEntry, { package: b }: BinaryEntry): number {
  return (
    compare(a.name, b.name) ||
    compareVersions(a.version, b.version) ||
    compare(a.architecture, b.architecture)
  );
}

function bySource(a: SourceEntry, b: SourceEntry): number {
  return compare(a.name, b.name) || compareVersions(a.version, b.version);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
