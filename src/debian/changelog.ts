import { Failure } from "../base/failure.ts";
import { parseVersion } from "./version.ts";

/** What the newest entry of a debian/changelog says. */
export interface ChangelogHead {
  readonly source: string;
  readonly version: string;
  readonly distributions: readonly string[];
  readonly urgency: string;
  readonly maintainer: string;
  readonly date: Date;
}

/** The first entry's head and trailer, strictly as deb-changelog(5) has them. Raises `bad-changelog`, `bad-version`. */
export function parseChangelogHead(text: string, origin = "debian/changelog"): ChangelogHead {
  const lines = text.split("\n").map((line) => line.trimEnd());
  const first = lines.findIndex((line) => line !== "");
  const header = headerForm.exec(lines[first] ?? "")?.groups;
  if (header === undefined)
    throw bad(origin, Math.max(first, 0), "is not `source (version) distribution; urgency=...`");
  const end = lines.findIndex((line, i) => i > first && line !== "" && !line.startsWith("  "));
  const trailer = trailerForm.exec(lines[end] ?? "")?.groups;
  if (trailer === undefined)
    throw bad(origin, Math.max(end, first), "is not ` -- name <address>  date`, which ends an entry");
  const { source = "", version = "", distributions = "", options = "" } = header;
  const { maintainer = "", date = "" } = trailer;
  parseVersion(version);
  return {
    source,
    version,
    distributions: distributions.trim().split(/\s+/),
    urgency: (optionsOf(options, origin, first).get("urgency") ?? "unknown").toLowerCase(),
    maintainer,
    date: dateOf(date) ?? fail(bad(origin, end, `has ${JSON.stringify(date)}, which is no date`)),
  };
}

const headerForm =
  /^(?<source>[a-z0-9][a-z0-9+.-]+) \((?<version>[^() \t]+)\)(?<distributions>(?:\s+[A-Za-z0-9+.-]+)+);(?<options>.*)$/;
const trailerForm = /^ -- (?<maintainer>[^<>]+ <[^<>]*>) {2}(?<date>\S.*)$/;

function optionsOf(text: string, origin: string, line: number): ReadonlyMap<string, string> {
  const options = new Map<string, string>();
  for (const option of text.split(",").map((part) => part.trim())) {
    const [, key = "", value = ""] = /^([-0-9A-Za-z]+)=\s*([-0-9A-Za-z]+)(?:\s.*)?$/.exec(option) ?? [];
    if (option !== "" && key === "")
      throw bad(origin, line, `has ${JSON.stringify(option)} where key=value is due`);
    if (key !== "") options.set(key.toLowerCase(), value);
  }
  return options;
}

/** RFC 5322's date with numeric zone; the weekday is optional. */
function dateOf(text: string): Date | null {
  const form = /^(?:[A-Z][a-z]{2},\s+)?(\d{1,2}\s+[A-Z][a-z]{2}\s+\d{4}\s+\d{1,2}:\d\d:\d\d\s+[-+]\d{4})$/;
  const date = new Date(form.exec(text)?.[1] ?? NaN);
  return Number.isNaN(date.getTime()) ? null : date;
}

function fail(failure: Failure): never {
  throw failure;
}

function bad(origin: string, index: number, what: string): Failure {
  return new Failure("package", "bad-changelog", `${origin}, line ${index + 1} ${what}`, {
    hint: "deb-changelog(5) describes the form; `dpkg-parsechangelog` checks it.",
    details: { origin, line: index + 1 },
  });
}
