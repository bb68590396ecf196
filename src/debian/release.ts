import type { Digest } from "../base/digest.ts";
import { peelClearSigned } from "./clear-signed.ts";
import { bad, parseStanza } from "./deb822.ts";
import type { Stanza } from "./deb822.ts";
import { words } from "./field.ts";

/** An archive's Release file: what a suite is and the digests of its indices. */
export interface Release {
  readonly origin: string | null;
  readonly label: string | null;
  readonly suite: string | null;
  readonly codename: string | null;
  readonly date: Date;
  readonly validUntil: Date | null;
  readonly architectures: readonly string[];
  readonly components: readonly string[];
  readonly acquireByHash: boolean;
  /** By path from the suite's directory; sizes in bytes. */
  readonly sha256: ReadonlyMap<string, { readonly size: number; readonly digest: Digest }>;
}

/** Reads a Release or (with its armor) InRelease file. Raises `bad-control-data`, `field-missing`. */
export function parseRelease(text: string, origin: string): Release {
  const stanza = parseStanza(peelClearSigned(text).content, origin);
  const validUntil = stanza.get("Valid-Until");
  return {
    origin: stanza.get("Origin"),
    label: stanza.get("Label"),
    suite: stanza.get("Suite"),
    codename: stanza.get("Codename"),
    date: dateOf(stanza.require("Date"), stanza),
    validUntil: validUntil === null ? null : dateOf(validUntil, stanza),
    architectures: words(stanza.get("Architectures") ?? ""),
    components: words(stanza.get("Components") ?? ""),
    acquireByHash: stanza.get("Acquire-By-Hash")?.toLowerCase() === "yes",
    sha256: indicesOf(stanza),
  };
}

/** apt accepts universal time only. */
function dateOf(text: string, stanza: Stanza): Date {
  const form =
    /^(?:[A-Z][a-z]{2}, *)?( ?\d{1,2} [A-Z][a-z]{2} \d{4} \d{1,2}:\d\d:\d\d) (?:UTC|GMT|Z|[+-]0000)$/;
  const time = form.exec(text)?.[1];
  const date = new Date(`${time ?? ""} UTC`);
  if (time === undefined || Number.isNaN(date.getTime()))
    throw bad(stanza.at, `${JSON.stringify(text)} where a date is due`);
  return date;
}

function indicesOf(stanza: Stanza): Release["sha256"] {
  const lines = (stanza.get("SHA256") ?? stanza.require("SHA256")).split("\n").map(words);
  const entries = lines.filter((line) => line.length > 0);
  return new Map(
    entries.map(([hex = "", size = "", path = "", ...rest]) => {
      const form = /^[0-9a-f]{64}$/.test(hex) && /^[0-9]{1,15}$/.test(size) && rest.length === 0;
      const inside = path
        .split("/")
        .every((part) => /^[A-Za-z0-9+.~:_%=@,-]+$/.test(part) && !/^\.\.?$/.test(part));
      if (!form || !inside)
        throw bad(stanza.at, `an entry of another form in SHA256: ${JSON.stringify(path.slice(0, 200))}`);
      return [path, { size: Number(size), digest: `sha256:${hex}` }];
    }),
  );
}
