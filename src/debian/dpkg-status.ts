import { z } from "zod";
import { bad, parseDeb822 } from "./deb822.ts";
import type { Stanza } from "./deb822.ts";
import { checkPackageName } from "./field.ts";
import { parseVersion } from "./version.ts";

/** A package that dpkg's database says is installed. */
export const InstalledPackage = z
  .strictObject({
    name: z.string(),
    version: z.string(),
    architecture: z.string(),
    /** Of the source that it was built from. */
    source: z.strictObject({ name: z.string(), version: z.string() }).readonly(),
    maintainer: z.string().nullable(),
    homepage: z.string().nullable(),
  })
  .readonly();
export type InstalledPackage = z.infer<typeof InstalledPackage>;

/**
 * The packages that are installed by the text of dpkg's `status` file (dpkg(1)), sorted by name and architecture; those of
 * which only configuration files are left, or that are half there, are not. Raises `bad-control-data`, `field-missing`,
 * `bad-version`.
 */
export function parseDpkgStatus(text: string, origin: string): readonly InstalledPackage[] {
  const installed = parseDeb822(text, origin).filter((stanza) =>
    /^\S+\s+\S+\s+installed$/.test(stanza.require("Status")),
  );
  return installed
    .map(packageOf)
    .toSorted((a, b) => compare(a.name, b.name) || compare(a.architecture, b.architecture));
}

function packageOf(stanza: Stanza): InstalledPackage {
  const name = checkPackageName(stanza.require("Package"), stanza);
  const version = stanza.require("Version");
  parseVersion(version);
  const architecture = stanza.require("Architecture");
  if (!/^[a-z0-9][a-z0-9-]*$/.test(architecture)) throw bad(stanza.at, "no architecture in Architecture");
  return {
    name,
    version,
    architecture,
    source: sourceOf(stanza, name, version),
    maintainer: stanza.get("Maintainer"),
    homepage: stanza.get("Homepage"),
  };
}

/** Source is left out when it is named as the package, and its version when it has the package's. */
function sourceOf(stanza: Stanza, name: string, version: string): InstalledPackage["source"] {
  const field = stanza.get("Source");
  if (field === null) return { name, version };
  const [, source, own] = /^(\S+)(?:\s+\(([^()\s]+)\))?$/.exec(field) ?? [];
  if (source === undefined) throw bad(stanza.at, "a Source of another form");
  if (own !== undefined) parseVersion(own);
  return { name: checkPackageName(source, stanza), version: own ?? version };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
