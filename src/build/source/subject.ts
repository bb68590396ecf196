import { parseVersion } from "../../debian/version.ts";
import type { SourcePackage } from "../../debian/source-package.ts";
import { type GbpConf, parseGbpConf } from "./gbp-conf.ts";
import { readInside } from "./read-inside.ts";

/** The source whose original tarballs are wanted. */
export interface Subject {
  readonly name: string;
  /** The whole version. */
  readonly version: string;
  readonly upstream: string;
  /** `NAME_UPSTREAM.orig`, with which the names of its original tarballs begin. */
  readonly stem: string;
  /** Its unpacked tree, absolute. */
  readonly tree: string;
  readonly conf: GbpConf;
}

/** @throws Failure link-out-of-tree (package), source-unreadable (usage). */
export async function subjectIn(tree: string, { name, version }: SourcePackage): Promise<Subject> {
  const { upstream } = parseVersion(version);
  const texts = await Promise.all(
    [".gbp.conf", "debian/gbp.conf"].map((path) => readInside(tree, path, 64 * 1024)),
  );
  const conf = parseGbpConf(texts.flatMap((text) => text ?? []));
  return { name, version, upstream, stem: `${name}_${upstream}.orig`, tree, conf };
}

/** Whether a source is built from original tarballs (dpkg-source(1)). */
export function hasOriginals({ format, version }: SourcePackage): boolean {
  return format !== "3.0 (native)" && parseVersion(version).revision !== null;
}

/** What came of one way to original tarballs: how they were made, or why not. */
export type Attempt = { readonly made: string } | { readonly lacking: string };
