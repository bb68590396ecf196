import { Failure } from "../../base/failure.ts";
import { nameOf } from "../tree/path.ts";
import { textAt } from "../tree/read.ts";
import type { Changes } from "./changes.ts";
import { sysimagePath } from "./sysimage.ts";

/** Where dpkg's database is until /var is settled. */
const database = "var/lib/dpkg";

/** What dpkg needs no more, relative to its database. */
const debris =
  /^(?:lock|lock-frontend|available|cmethopt|methlock|triggers\/Lock|parts\/.+|tmp\.ci(?:\/.*)?|[^/]+-(?:old|new))$/;

/**
 * Brings dpkg's database into a form that depends on the packages alone, not on the order in which they were installed,
 * and removes locks and backups. It moves with the rest of /var.
 * @throws Failure packages-not-configured, no-package-database (package).
 */
export function tidyPackageDatabase(changes: Changes): void {
  const status = textAt(changes.tree, `${database}/status`);
  if (status === null) throw noDatabase();
  requireConfigured(status);
  for (const { path, type } of changes.below(database)) {
    if (type !== "directory" && debris.test(path.slice(database.length + 1)))
      changes.drop(path, "dpkg's locks and backups");
  }
  rewrite(changes, `${database}/status`, sortedStanzas);
  rewrite(changes, `${database}/diversions`, sortedTriples);
  rewrite(changes, `${database}/statoverride`, sortedLines);
  for (const { path, type } of changes.children(`${database}/triggers`)) {
    if (type === "file" && nameOf(path) !== "Lock") rewrite(changes, path, sortedLines);
  }
  if (changes.get(asked) === undefined) return;
  rewrite(changes, asked, sortedStanzas);
  changes.file(...aptState);
}

/** Which packages were asked for, and which came along. */
const asked = "var/lib/apt/extended_states";

/** apt writes this file anew beside itself: a link from where it usually is would not outlive that in derived images. */
const aptState = [
  "etc/apt/apt.conf.d/05debkiln-state",
  `Dir::State::extended_states "/${sysimagePath(asked)}";\n`,
] as const;

/** Replaces a file's text, if another comes out; all else stays as it is. */
export function rewrite(changes: Changes, path: string, how: (text: string) => string): void {
  const entry = changes.get(path);
  if (entry?.type !== "file") return;
  const before = textAt(changes.tree, path) ?? "";
  const after = how(before);
  if (after !== before) changes.file(path, after, { mode: entry.mode, uid: entry.uid, gid: entry.gid });
}

export function sortedLines(text: string): string {
  const lines = text.split("\n").filter((line) => line !== "");
  return lines
    .toSorted(byText)
    .map((line) => `${line}\n`)
    .join("");
}

/** Stanzas by package and architecture. They are moved whole: not a byte of any changes. */
function sortedStanzas(text: string): string {
  const stanzas = text.split(/\n{2,}/).filter((stanza) => stanza.trim() !== "");
  return stanzas
    .map((stanza) => [keyOf(stanza), stanza.replace(/\n$/, "")] as const)
    .toSorted(([a], [b]) => byText(a, b))
    .map(([, stanza]) => `${stanza}\n\n`)
    .join("");
}

function keyOf(stanza: string): string {
  return `${fieldOf(stanza, "Package")} ${fieldOf(stanza, "Architecture")}`;
}

/** What is diverted, to where and by whom, on a line each (dpkg-divert(1)). */
function sortedTriples(text: string): string {
  const lines = text.split("\n");
  const triples: string[] = [];
  for (let at = 0; at + 2 < lines.length; at += 3) triples.push(lines.slice(at, at + 3).join("\n"));
  return triples
    .toSorted(byText)
    .map((triple) => `${triple}\n`)
    .join("");
}

function requireConfigured(status: string): void {
  const unfinished = status.split(/\n{2,}/).flatMap((stanza) => {
    const name = fieldOf(stanza, "Package");
    const state = fieldOf(stanza, "Status").split(" ").at(-1) ?? "";
    return name === "" || settled.has(state) ? [] : [`${name} (${state})`];
  });
  if (unfinished.length === 0) return;
  const rest = unfinished.length > 5 ? ` and ${unfinished.length - 5} more` : "";
  throw new Failure(
    "package",
    "packages-not-configured",
    `Packages of the image are not configured: ${unfinished.slice(0, 5).join(", ")}${rest}`,
    {
      hint: "Their maintainer scripts did not come to an end; dpkg's words are in the build's log.",
      details: { unfinished },
    },
  );
}

const settled = new Set(["installed", "config-files", "not-installed"]);

function fieldOf(stanza: string, name: string): string {
  return new RegExp(`^${name}: *(.*)$`, "m").exec(stanza)?.[1]?.trim() ?? "";
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function noDatabase(): Failure {
  return new Failure("package", "no-package-database", `The root filesystem has no /${database}/status`, {
    hint: "A script of the definition removed dpkg's database; without it nobody can tell what the image holds.",
  });
}
