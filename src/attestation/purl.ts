import type { Digest } from "../base/digest.ts";

/** A Debian package as a package URL tells it; `architecture` is `source` for a source package. */
export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
}

/** The package URL of a Debian package (purl-spec, type `deb`); `distribution` is the suite's codename. */
export function debianPurl({ name, version, architecture }: DebianPackage, distribution: string): string {
  return `pkg:deb/debian/${encode(name)}@${encode(version)}${qualifiers({ arch: architecture, distro: distribution })}`;
}

/** The package URL of an OCI image (purl-spec, type `oci`): named by its digest, so that a tag that moves changes nothing. */
export function ociPurl(name: string, digest: Digest, architecture: string): string {
  const last = name.split("/").at(-1) ?? name;
  const repository = name === last ? {} : { repository_url: name };
  return `pkg:oci/${encode(last.toLowerCase())}@${encode(digest)}${qualifiers({ arch: architecture, ...repository })}`;
}

function qualifiers(values: Readonly<Record<string, string>>): string {
  const sorted = Object.entries(values).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `?${sorted.map(([key, value]) => `${key}=${encode(value)}`).join("&")}`;
}

/** Everything but letters, digits, `.`, `-`, `_`, `~` and the colon is percent-encoded (purl-spec, "Character encoding"). */
function encode(text: string): string {
  return encodeURIComponent(text)
    .replaceAll("%3A", ":")
    .replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
