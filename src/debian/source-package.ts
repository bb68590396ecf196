import { z } from "zod";
import { parseChangelogHead } from "./changelog.ts";
import { ListedFile, parseChecksums } from "./checksums.ts";
import { peelClearSigned } from "./clear-signed.ts";
import { bad, parseDeb822, parseStanza } from "./deb822.ts";
import type { Stanza } from "./deb822.ts";
import { checkPackageName, words } from "./field.ts";
import { checkFileName } from "./file-name.ts";
import { parseVersion, withoutEpoch } from "./version.ts";

/** A binary package that a source builds. `profiles` is its Build-Profiles formula, empty when it is always built. */
export const BinaryEntry = z.strictObject({
  name: z.string(),
  architectures: z.array(z.string()).readonly(),
  packageType: z.string(),
  profiles: z.array(z.array(z.string()).readonly()).readonly(),
});
export type BinaryEntry = Readonly<z.infer<typeof BinaryEntry>>;

/** A source package, from its .dsc or from its unpacked tree. Relationship fields are their texts, "" when absent. */
export const SourcePackage = z
  .strictObject({
    name: z.string(),
    version: z.string(),
    format: z.string().nullable(),
    architectures: z.array(z.string()).readonly(),
    binaries: z.array(z.string()).readonly(),
    buildDepends: z.string(),
    buildDependsArch: z.string(),
    buildDependsIndep: z.string(),
    buildConflicts: z.string(),
    buildConflictsArch: z.string(),
    buildConflictsIndep: z.string(),
    /** Null when absent: what that means has changed with dpkg 1.22.13, from `binary-targets` to `no`. */
    rulesRequiresRoot: z.string().nullable(),
    testsuite: z.string().nullable(),
    maintainer: z.string(),
    /** The changelog's first distribution; a .dsc does not say. */
    distribution: z.string().nullable(),
    /** Empty for a tree. */
    files: z.array(ListedFile).readonly(),
    packages: z.array(BinaryEntry).readonly(),
  })
  .readonly();
export type SourcePackage = z.infer<typeof SourcePackage>;

/** The texts of an unpacked source's debian/control and debian/changelog, and debian/source/format if there is one. */
export interface SourceTexts {
  readonly control: string;
  readonly changelog: string;
  readonly format: string | null;
}

/** The source package of an unpacked tree. Raises `bad-control-data`, `field-missing`, `bad-changelog`, `bad-version`. */
export function sourceFromControl({ control, changelog, format }: SourceTexts): SourcePackage {
  const head = parseChangelogHead(changelog);
  const [source, ...binaries] = parseDeb822(control, "debian/control");
  if (source === undefined) throw bad({ origin: "debian/control", line: 1, fault: "package" }, "no stanza");
  const name = checkPackageName(source.require("Source"), source);
  if (head.source !== name) throw bad(source.at, `Source ${name}, but the changelog is of ${head.source}`);
  const packages = binaries.map(binaryOf);
  return {
    name,
    version: head.version,
    format: format === null ? null : format.trim(),
    architectures: sourceArchitectures(packages),
    binaries: packages.map(({ name }) => name),
    ...relationsOf(source),
    maintainer: source.require("Maintainer"),
    distribution: head.distributions[0] ?? null,
    files: [],
    packages,
  };
}

/**
 * The source package that a .dsc describes; armor is peeled off, its signature is not verified. Raises
 * `bad-control-data`, `field-missing`, `bad-version`, `unsafe-file-name`, `bad-signature-armor`.
 */
export function sourceFromDsc(text: string, origin: string): SourcePackage {
  const dsc = parseStanza(peelClearSigned(text).content, origin);
  const version = dsc.require("Version");
  parseVersion(version);
  return {
    name: checkPackageName(dsc.require("Source"), dsc),
    version,
    format: dsc.require("Format"),
    architectures: words(dsc.require("Architecture")),
    binaries: (dsc.get("Binary") ?? "").split(",").flatMap(words),
    ...relationsOf(dsc),
    maintainer: dsc.require("Maintainer"),
    distribution: null,
    files: parseChecksums(dsc),
    packages: packageList(dsc),
  };
}

/** The name of a source's .dsc. */
export function dscName({ name, version }: Pick<SourcePackage, "name" | "version">): string {
  return checkFileName(`${name}_${withoutEpoch(version)}.dsc`, `Source package ${name}`);
}

function relationsOf(stanza: Stanza) {
  const text = (field: string) => words(stanza.get(field) ?? "").join(" ");
  return {
    buildDepends: text("Build-Depends"),
    buildDependsArch: text("Build-Depends-Arch"),
    buildDependsIndep: text("Build-Depends-Indep"),
    buildConflicts: text("Build-Conflicts"),
    buildConflictsArch: text("Build-Conflicts-Arch"),
    buildConflictsIndep: text("Build-Conflicts-Indep"),
    rulesRequiresRoot: stanza.get("Rules-Requires-Root"),
    testsuite: stanza.get("Testsuite"),
  };
}

function binaryOf(stanza: Stanza): BinaryEntry {
  const profiles = stanza.get("Build-Profiles") ?? "";
  return {
    name: checkPackageName(stanza.require("Package"), stanza),
    architectures: words(stanza.require("Architecture")),
    packageType: stanza.get("Package-Type") ?? stanza.get("XC-Package-Type") ?? "deb",
    profiles: [...profiles.matchAll(/<([^<>]*)>/g)].map(([, list = ""]) => words(list)),
  };
}

/** As dpkg-source writes it: `any` stands for every other but `all`. */
function sourceArchitectures(packages: readonly BinaryEntry[]): string[] {
  const all = [...new Set(packages.flatMap(({ architectures }) => architectures))];
  return all.includes("any") ? ["any", "all"].filter((name) => all.includes(name)) : all;
}

/** Lines `name type section priority key=value ...`; `,` joins what must all hold, `+` lists of which one must (dsc(5)). */
function packageList(dsc: Stanza): BinaryEntry[] {
  const lines = (dsc.get("Package-List") ?? "").split("\n").filter((line) => line.trim() !== "");
  return lines.map((line) => {
    const [name = "", packageType = "deb", , , ...options] = words(line);
    const option = (key: string) =>
      options.find((word) => word.startsWith(`${key}=`))?.slice(key.length + 1) ?? "";
    return {
      name: checkPackageName(name, dsc),
      architectures: option("arch").split(",").flatMap(words),
      packageType,
      profiles: option("profile")
        .split("+")
        .filter((list) => list !== "")
        .map((list) => list.split(",")),
    };
  });
}
