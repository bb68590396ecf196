import { counted } from "../../base/counted.ts";
import { printableLine } from "../../base/printable.ts";
import { formatSize } from "../../base/size.ts";
import type { Added } from "../../repository/add.ts";
import type { SuiteContent } from "../../repository/content.ts";
import type { NamedPackage } from "../../repository/plan-addition.ts";
import type { Verified } from "../../repository/verify.ts";
import { table } from "./table.ts";

/** A package of a repository, as a script needs it. */
export interface EntryRecord extends NamedPackage {
  readonly component: string;
  readonly source: string;
  /** Of all its files. */
  readonly sizeBytes: number;
  /** From the repository's directory; of a source, its directory. */
  readonly path: string;
}

/** A suite's packages as records, sorted by name; sources come after what they gave. */
export function entryRecords({ binaries, sources }: SuiteContent): readonly EntryRecord[] {
  const records: EntryRecord[] = [
    ...binaries.map(({ component, package: known, sizeBytes, path }) => ({
      name: known.name,
      version: known.version,
      architecture: known.architecture,
      component,
      source: known.source.name,
      sizeBytes,
      path,
    })),
    ...sources.map(({ component, name, version, files, directory }) => ({
      name,
      version,
      architecture: "source",
      component,
      source: name,
      sizeBytes: files.reduce((sum, { size }) => sum + size, 0),
      path: directory,
    })),
  ];
  return records.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

export function contentText(entries: readonly EntryRecord[], suite: string): string {
  if (entries.length === 0) return `${suite} is empty\n`;
  const rows = entries.map(({ name, version, architecture, component, source, sizeBytes }) => [
    name,
    version,
    architecture,
    component,
    source,
    formatSize(sizeBytes),
  ]);
  return table(["PACKAGE", "VERSION", "ARCH", "COMPONENT", "SOURCE", "SIZE"], rows);
}

export function addedText({ added, present, removed }: Added, suite: string): string {
  return [
    ...removed.map((each) => `removed ${title(each)}\n`),
    ...present.map((each) => `there already: ${title(each)}\n`),
    ...added.map((each) => `added ${title(each)}\n`),
    `${suite}: ${added.length} added, ${removed.length} removed\n`,
  ].join("");
}

export function removedText(removed: readonly NamedPackage[], suite: string): string {
  return `${removed.map((each) => `removed ${title(each)}\n`).join("")}${suite}: ${removed.length} removed\n`;
}

export function problemsText({ suites, packages, problems }: Verified): string {
  const lines = problems.map(({ path, problem }) => `${printableLine(path)} ${printableLine(problem)}\n`);
  const all = `${counted(suites, "suite")}, ${counted(packages, "package")}`;
  return problems.length === 0 ? `All is well: ${all}\n` : lines.join("");
}

function title({ name, version, architecture }: NamedPackage): string {
  return printableLine(`${name} ${version} (${architecture})`);
}
