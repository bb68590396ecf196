import { bad } from "./deb822.ts";
import type { Stanza } from "./deb822.ts";

/** The words of a field's value that is a list separated by white space. */
export function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}

/** The name itself when a package may have it (Debian Policy 5.6.1; dpkg lets old packages have capitals). */
export function checkPackageName(name: string, stanza: Stanza): string {
  if (/^[A-Za-z0-9][A-Za-z0-9+.-]+$/.test(name)) return name;
  throw bad(stanza.at, `${JSON.stringify(name.slice(0, 100))} where a package's name is due`);
}

/** The name in Source, after which the source's version stands in parentheses when the binaries' differs from it. */
export function sourceNameOf(stanza: Stanza): string {
  const source = stanza.require("Source");
  const [, name] = /^(\S+)\s+\([^()\s]*\)$/.exec(source) ?? [];
  return checkPackageName(name ?? source, stanza);
}
