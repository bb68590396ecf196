import type { Digest } from "../base/digest.ts";
import { withoutEpoch } from "../debian/version.ts";
import type { Lock } from "../environment/lock.ts";
import type { DebianPackage } from "./purl.ts";

/** A file by its name and content. */
export interface NamedFile {
  readonly name: string;
  readonly sha256: Digest;
}

/** A build as attestations tell it. */
export interface BuildRecord {
  readonly source: {
    readonly name: string;
    readonly version: string;
    /** The .dsc and the files in it; empty when the build began with a tree and made no source package. */
    readonly files: readonly NamedFile[];
  };
  readonly lock: Lock;
  readonly artifacts: readonly NamedFile[];
}

/**
 * The binary package in a .deb by its file name, null for other files. File names have no epoch (dpkg-name(1)): the
 * source's is taken for a package of the source's version.
 */
export function binaryPackageOf(
  { name: fileName }: Pick<NamedFile, "name">,
  { version: sourceVersion }: Pick<BuildRecord["source"], "version">,
): DebianPackage | null {
  const [, name, version, architecture] = /^([^_]+)_([^_]+)_([^_]+)\.(?:u|d)?deb$/.exec(fileName) ?? [];
  if (name === undefined || version === undefined || architecture === undefined) return null;
  const own = version === withoutEpoch(sourceVersion) ? sourceVersion : version;
  return { name, version: own, architecture };
}
