import { z } from "zod";
import { ListedFile, parseChecksums } from "./checksums.ts";
import { peelClearSigned } from "./clear-signed.ts";
import { bad, parseStanza } from "./deb822.ts";
import type { Stanza } from "./deb822.ts";
import { sourceNameOf, words } from "./field.ts";
import { parseRelations } from "./relation.ts";
import { parseVersion } from "./version.ts";

/** What a build was made from and made of, deb-buildinfo(5). */
export const Buildinfo = z
  .strictObject({
    source: z.string(),
    version: z.string(),
    /** Of the source, which a binary-only rebuild's version goes beyond (`+b1`). */
    sourceVersion: z.string(),
    /** The changelog entry of a binary-only rebuild; null otherwise. */
    binaryOnlyChanges: z.string().nullable(),
    /** What was built, such as `amd64 all source`. */
    architectures: z.array(z.string()).readonly(),
    buildArchitecture: z.string().nullable(),
    buildPath: z.string().nullable(),
    /** As written by the builder; null when absent. */
    buildDate: z.string().nullable(),
    environment: z.record(z.string(), z.string()).readonly(),
    /** `architecture` is null for those of the build architecture. */
    installed: z
      .array(z.strictObject({ name: z.string(), version: z.string(), architecture: z.string().nullable() }))
      .readonly(),
    files: z.array(ListedFile).readonly(),
  })
  .readonly();
export type Buildinfo = z.infer<typeof Buildinfo>;

/** Reads a .buildinfo. Raises `bad-control-data`, `field-missing`, `bad-version`, `bad-relation`, `unsafe-file-name`. */
export function parseBuildinfo(text: string, origin: string): Buildinfo {
  const stanza = parseStanza(peelClearSigned(text).content, origin);
  const version = stanza.require("Version");
  parseVersion(version);
  return {
    source: sourceNameOf(stanza),
    version,
    sourceVersion: sourceVersionOf(stanza, version),
    binaryOnlyChanges: stanza.get("Binary-Only-Changes"),
    architectures: words(stanza.require("Architecture")),
    buildArchitecture: stanza.get("Build-Architecture"),
    buildPath: stanza.get("Build-Path"),
    buildDate: stanza.get("Build-Date"),
    environment: environmentOf(stanza.get("Environment") ?? ""),
    installed: installedOf(stanza),
    files: parseChecksums(stanza),
  };
}

/** Stands in parentheses after the source's name where it is not the version itself. */
function sourceVersionOf(stanza: Stanza, version: string): string {
  const [, own] = /\(([^()\s]*)\)$/.exec(stanza.require("Source")) ?? [];
  if (own !== undefined) parseVersion(own);
  return own ?? version;
}

/** Lines `NAME="value"`, double quotes in the value escaped; the value may go over several lines. */
function environmentOf(text: string): Readonly<Record<string, string>> {
  const pairs = text.matchAll(/^ *([A-Za-z_][A-Za-z0-9_]*)="((?:\\"|[^"])*)"$/gm);
  return Object.fromEntries(pairs.map(([, name = "", value = ""]) => [name, value.replaceAll('\\"', '"')]));
}

function installedOf(stanza: Stanza): Buildinfo["installed"] {
  const relations = parseRelations(stanza.require("Installed-Build-Depends"), stanza.at.origin);
  return relations.map(({ alternatives: [first, second] }) => {
    if (first?.version?.operator !== "=" || second !== undefined) {
      throw bad(stanza.at, "an entry without an exact version in Installed-Build-Depends");
    }
    return { name: first.name, version: first.version.version, architecture: first.qualifier };
  });
}
