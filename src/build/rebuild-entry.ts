import { suite } from "../debian/suite.ts";
import type { MadeEntry, Rebuild } from "../environment/variation.ts";

/** What is rebuilt, as its changelog entry names it. */
export interface Rebuilt {
  readonly name: string;
  /** Of the packages that come out. */
  readonly version: string;
  readonly suite: string;
  /** Of the packages. */
  readonly architecture: string;
}

/** The changelog entry of a rebuild. */
export interface RebuildEntry {
  /** From head to trailer, with nothing around it. */
  readonly text: string;
  /** When the text ends before its date: by how many seconds that is later than the source's newest entry's. */
  readonly secondsLater: number | null;
}

/** The entry that makes a rebuild: as it was given, or made of its parts in the form of sbuild's. */
export function rebuildEntry(rebuild: Rebuild, rebuilt: Rebuilt): RebuildEntry {
  if ("entry" in rebuild) return { text: rebuild.entry, secondsLater: null };
  const { name, version } = rebuilt;
  const head = `${name} (${version}) ${distributionOf(rebuilt)}; urgency=low, binary-only=yes`;
  const open = `${head}\n\n${linesOf(rebuild, rebuilt)}\n\n -- ${rebuild.maintainer}`;
  const { date } = rebuild;
  if (date === "increment") return { text: open, secondsLater: rebuild.number ?? 1 };
  // As `date -R` writes it (RFC 5322).
  const written = new Date(date * 1000).toUTCString().replace("GMT", "+0000");
  return { text: `${open}  ${written}`, secondsLater: null };
}

function linesOf({ number, text }: MadeEntry, { architecture }: Rebuilt): string {
  const first =
    number === null ? [] : [`Binary-only non-maintainer upload for ${architecture}; no source changes.`];
  return [...first, ...text.split("\n")]
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map((line) => `  * ${line}`)
    .join("\n");
}

/** As uploads name it: Debian's archive knows sid as unstable. */
function distributionOf({ suite: name }: Rebuilt): string {
  const { base } = suite(name, { custom: true });
  return name === "sid" || (base === "sid" && name === "unstable") ? "unstable" : name;
}
