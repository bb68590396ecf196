import { bad, parseStanza } from "./deb822.ts";
import type { Field, Stanza } from "./deb822.ts";
import { checkPackageName } from "./field.ts";
import { checkFileName } from "./file-name.ts";
import { parseVersion, withoutEpoch } from "./version.ts";

/** What a binary package says of itself in its control file, or an index of it. */
export interface BinaryPackage {
  readonly name: string;
  readonly version: string;
  /** An architecture's name, or `all`. */
  readonly architecture: string;
  readonly source: { readonly name: string; readonly version: string };
  readonly section: string | null;
  /** Relationship fields as texts, "" when absent. */
  readonly depends: string;
  readonly preDepends: string;
  readonly provides: string;
  /** All its fields, in its order. */
  readonly fields: readonly Field[];
}

/**
 * Reads the control file of a .deb, deb-control(5), as untrusted text. What only an archive's index says of a package is
 * left out of its fields. @throws Failure bad-control-data, field-missing, bad-version (package).
 */
export function parseBinaryControl(text: string, origin: string): BinaryPackage {
  return binaryPackage(parseStanza(text, origin), ({ 0: name }) => !indexFields.has(name.toLowerCase()));
}

/** As `parseBinaryControl`, of one stanza of a Packages index. */
export function binaryPackage(stanza: Stanza, keep: (field: Field) => boolean = () => true): BinaryPackage {
  const name = checkPackageName(stanza.require("Package"), stanza);
  const version = checkVersion(stanza.require("Version"));
  const architecture = stanza.require("Architecture");
  if (!/^[a-z0-9][a-z0-9-]{0,63}$/.test(architecture))
    throw bad(stanza.at, `${JSON.stringify(architecture.slice(0, 100))} where an architecture is due`);
  const section = stanza.get("Section");
  if (section !== null && !/^[A-Za-z0-9][A-Za-z0-9+./-]{0,99}$/.test(section))
    throw bad(stanza.at, "a section of another form");
  const text = (field: string) => (stanza.get(field) ?? "").split(/\s+/).join(" ").trim();
  return {
    name,
    version,
    architecture,
    source: sourceOf(stanza, name, version),
    section,
    depends: text("Depends"),
    preDepends: text("Pre-Depends"),
    provides: text("Provides"),
    fields: stanza.fields().filter(keep),
  };
}

/** The name of its file in an archive, `NAME_VERSION_ARCH.deb` without the epoch. */
export function debName({
  name,
  version,
  architecture,
}: Pick<BinaryPackage, "name" | "version" | "architecture">) {
  return checkFileName(`${name}_${withoutEpoch(version)}_${architecture}.deb`, `The package ${name}`);
}

/** Where a source's files are in a pool, below the component: by the first letter, for libraries by four (as dak has it). */
export function poolDirectory(source: string): string {
  return `${/^lib./.test(source) ? source.slice(0, 4) : source.slice(0, 1)}/${source}`;
}

/** Fields that an archive adds; a package's own word on where it lies and which bytes it has counts nothing. */
const indexFields: ReadonlySet<string> = new Set([
  "filename",
  "size",
  "md5sum",
  "sha1",
  "sha256",
  "sha512",
  "description-md5",
  "status",
]);

function sourceOf(stanza: Stanza, name: string, version: string): BinaryPackage["source"] {
  const said = stanza.get("Source");
  if (said === null || said === "") return { name, version };
  const [, source = said, own] = /^(\S+)\s+\(([^()\s]+)\)$/.exec(said) ?? [];
  return {
    name: checkPackageName(source, stanza),
    version: own === undefined ? version : checkVersion(own),
  };
}

function checkVersion(version: string): string {
  parseVersion(version);
  return version;
}
