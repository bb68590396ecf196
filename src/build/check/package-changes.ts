import { formatSize } from "../../base/size.ts";
import type { BinaryPackage } from "../../debian/binary-package.ts";
import { formatRelations, parseRelations } from "../../debian/relation.ts";
import { symbolsIn } from "../../debian/symbols.ts";
import type { DebFile } from "../../repository/deb-file.ts";

/** A package in two versions, or of one of two sets only. */
export interface PackageChange {
  readonly name: string;
  readonly before: DebFile | null;
  readonly after: DebFile | null;
  /** By field, in words: `+ libfoo1`, `- libbar2`, `libc6 (>= 2.36) -> libc6 (>= 2.38)`. */
  readonly relations: ReadonlyMap<string, readonly string[]>;
  /** Paths from the root. */
  readonly files: Difference;
  /** As `symbolsIn` has them. */
  readonly symbols: Difference;
}

export interface Difference {
  readonly comes: readonly string[];
  readonly goes: readonly string[];
}

/** How packages differ from others of the same names; those that do not differ but in their bytes among them. */
export function packageChanges(
  before: readonly DebFile[],
  after: readonly DebFile[],
): readonly PackageChange[] {
  const names = new Set([...before, ...after].map(({ package: { name } }) => name));
  return [...names].toSorted().map((name) => {
    const named = (files: readonly DebFile[]) => files.find((each) => each.package.name === name) ?? null;
    const [one, other] = [named(before), named(after)];
    return {
      name,
      before: one,
      after: other,
      relations: relationChanges(one?.package ?? null, other?.package ?? null),
      files: difference(pathsOf(one), pathsOf(other)),
      symbols: difference(symbolsOf(one), symbolsOf(other)),
    };
  });
}

/** For people: a line for each package, and below it what differs, at most a few of each kind. */
export function changeLines(changes: readonly PackageChange[]): readonly string[] {
  return changes.flatMap((change) => {
    const { name, before, after, relations, files, symbols } = change;
    if (before === null) return [`${name} is new: ${sizesOf(after)}`];
    if (after === null) return [`${name} is gone: it was ${sizesOf(before)}`];
    const [from, to] = [before.package.version, after.package.version];
    return [
      `${name} ${from === to ? to : `${from} -> ${to}`}: ${sizeChange(before, after)}`,
      ...[...relations].map(([field, words]) => `  ${field}: ${words.join("; ")}`),
      ...differenceLines(files, "file", (path) => `/${path}`),
      ...differenceLines(symbols, "symbol", (symbol) => symbol),
    ];
  });
}

/** All of it in a few words; "" when nothing that counts here differs. */
export function changeSummary(changes: readonly PackageChange[]): string {
  const both = changes.filter(({ before, after }) => before !== null && after !== null);
  const namesOf = (side: "before" | "after") =>
    changes.flatMap((change) => (change[side] === null ? [change.name] : []));
  const related = both.flatMap(({ name, relations }) =>
    [...relations.keys()].map((field) => `${field} of ${name}`),
  );
  const symbols = countsOf(both.map((each) => each.symbols));
  const bytes = both.reduce(
    (sum, { before, after }) => sum + (after?.sizeBytes ?? 0) - (before?.sizeBytes ?? 0),
    0,
  );
  return [
    listed(namesOf("before"), ["is new", "are new"]),
    listed(namesOf("after"), ["is gone", "are gone"]),
    counted(countsOf(both.map(({ files }) => files)), "file"),
    listed(related, ["differs", "differ"]),
    counted(symbols, "symbol"),
    bytes === 0 ? "" : `${formatSize(Math.abs(bytes))} ${bytes > 0 ? "larger" : "smaller"}`,
  ]
    .filter((words) => words !== "")
    .join("; ");
}

/** deb-control(5) */
const relationFields = [
  "Pre-Depends",
  "Depends",
  "Recommends",
  "Suggests",
  "Enhances",
  "Breaks",
  "Conflicts",
  "Replaces",
  "Provides",
];

function relationChanges(
  before: BinaryPackage | null,
  after: BinaryPackage | null,
): ReadonlyMap<string, readonly string[]> {
  if (before === null || after === null) return new Map();
  return new Map(
    relationFields.flatMap((field) => {
      const words = entryChanges(entriesOf(before, field), entriesOf(after, field));
      return words.length === 0 ? [] : [[field, words] as const];
    }),
  );
}

/** The entries of a field by their texts; that a sibling is wanted in the same version is no difference. */
function entriesOf({ name, version, fields }: BinaryPackage, field: string): ReadonlyMap<string, string> {
  const value = fields.find(([each]) => each.toLowerCase() === field.toLowerCase())?.[1] ?? "";
  const relations = parseRelations(value.split(/\s+/).join(" ").trim(), `${field} of ${name}`);
  const texts = relations.map((each) => formatRelations([each]));
  return new Map(texts.map((text) => [text.replaceAll(`(= ${version})`, "(= its version)"), text]));
}

function entryChanges(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>) {
  const gone = [...before].flatMap(([key, text]) => (after.has(key) ? [] : [text]));
  const added = [...after].flatMap(([key, text]) => (before.has(key) ? [] : [text]));
  const successor = (text: string) => added.find((each) => nameOf(each) === nameOf(text));
  const replaced = new Set(gone.map(successor));
  return [
    ...gone.map((text) => (successor(text) === undefined ? `- ${text}` : `${text} -> ${successor(text)}`)),
    ...added.filter((text) => !replaced.has(text)).map((text) => `+ ${text}`),
  ];
}

function nameOf(relation: string): string | undefined {
  return relation.split(" ", 1)[0];
}

function pathsOf(deb: DebFile | null): ReadonlySet<string> {
  return new Set(deb?.paths);
}

function symbolsOf(deb: DebFile | null): ReadonlySet<string> {
  return symbolsIn(deb?.symbols ?? "");
}

function difference(before: ReadonlySet<string>, after: ReadonlySet<string>): Difference {
  return {
    comes: [...after].filter((each) => !before.has(each)).toSorted(),
    goes: [...before].filter((each) => !after.has(each)).toSorted(),
  };
}

function sizesOf(deb: DebFile | null): string {
  const installed = installedBytes(deb);
  const size = formatSize(deb?.sizeBytes ?? 0);
  return installed === null ? size : `${size}, installed ${formatSize(installed)}`;
}

function sizeChange(before: DebFile, after: DebFile): string {
  const [from, to] = [sizesOf(before), sizesOf(after)];
  return from === to ? `${to}, as before` : `${to}, before ${from}`;
}

/** Installed-Size is in KiB (deb-substvars(5)). */
function installedBytes(deb: DebFile | null): number | null {
  const value = deb?.package.fields.find(([field]) => field.toLowerCase() === "installed-size")?.[1] ?? "";
  return /^\d{1,12}$/.test(value.trim()) ? Number(value) * 1024 : null;
}

const shownOfEach = 5;

function differenceLines(
  { comes, goes }: Difference,
  what: string,
  shown: (each: string) => string,
): readonly string[] {
  const lines = (sign: string, all: readonly string[]) => [
    ...all.slice(0, shownOfEach).map((each) => `  ${sign} ${shown(each)}`),
    ...(all.length > shownOfEach ? [`  ${sign} ${all.length - shownOfEach} more ${what}s`] : []),
  ];
  return [...lines("+", comes), ...lines("-", goes)];
}

interface Counts {
  readonly comes: number;
  readonly goes: number;
}

function countsOf(all: readonly Difference[]): Counts {
  return {
    comes: all.flatMap(({ comes }) => comes).length,
    goes: all.flatMap(({ goes }) => goes).length,
  };
}

function counted({ comes, goes }: Counts, what: string): string {
  const words = (count: number, one: string, many: string) =>
    count === 0 ? [] : [count === 1 ? `1 ${what} ${one}` : `${count} ${what}s ${many}`];
  return [...words(comes, "comes", "come"), ...words(goes, "goes", "go")].join(", ");
}

function listed(names: readonly string[], [one, many]: readonly [one: string, many: string]): string {
  if (names.length === 0) return "";
  const more = names.length > 3 ? ` and ${names.length - 3} more` : "";
  return `${names.slice(0, 3).join(", ")}${more} ${names.length === 1 ? one : many}`;
}
