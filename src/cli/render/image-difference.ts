import { formatSize } from "../../base/size.ts";
import type { LayerSummary } from "../../image/diff/compare-layers.ts";
import type { PackageChange } from "../../image/diff/compare-packages.ts";
import type { FileChange } from "../../image/diff/compare-trees.ts";
import type { ImageDifference } from "../../image/diff/diff-images.ts";
import { printableLine } from "../../base/printable.ts";
import { layerTable } from "./image-summary.ts";
import type { Style } from "./style.ts";
import { table } from "./table.ts";

export interface DifferenceTextOptions {
  readonly style: Style;
  /** Names every file that differs, or only counts them. */
  readonly files: "list" | "count";
}

/** What differs between two images, for people: packages, files, layers, and what a host fetches. */
export function differenceText(
  difference: ImageDifference,
  { style, files: shown }: DifferenceTextOptions,
): string {
  const { before, after, packages, files, layers } = difference;
  if (before.digest === after.digest) return `The images are the same: ${after.digest}\n`;
  return [
    `${before.digest}\n${after.digest}\n`,
    part(style, "Packages", packageCounts(packages), packageTable(packages)),
    part(style, "Files", fileCounts(files), shown === "list" ? fileTable(files) : ""),
    part(style, "Layers", layerCounts(layers.kept, layers.added, layers.removed), layerTable(layers.added)),
    `\n${style.bold("A host that has the first fetches")} ${formatSize(layers.fetchBytes)} of ${formatSize(layers.totalBytes)}.\n`,
  ].join("");
}

function part(style: Style, title: string, counts: string, rows: string): string {
  return `\n${style.bold(`${title}:`)} ${counts}\n${rows.replace(/^/gm, "  ").trimEnd()}${rows === "" ? "" : "\n"}`;
}

function packageCounts(packages: readonly PackageChange[]): string {
  return counted(
    (["upgraded", "downgraded", "added", "removed"] as const).map((each) => [
      each,
      packages.filter(({ direction }) => direction === each).length,
    ]),
  );
}

function packageTable(packages: readonly PackageChange[]): string {
  if (packages.length === 0) return "";
  const isMixed =
    new Set(packages.map(({ architecture }) => architecture).filter((each) => each !== "all")).size > 1;
  return table(
    ["PACKAGE", "BEFORE", "AFTER"],
    packages.map(({ name, architecture, before, after }) => [
      isMixed ? `${name}:${architecture}` : name,
      before ?? "-",
      after ?? "-",
    ]),
  );
}

function fileCounts(files: readonly FileChange[]): string {
  return counted(
    (["changed", "added", "removed"] as const).map((each) => [
      each,
      files.filter(({ change }) => change === each).length,
    ]),
  );
}

const signs = { added: "+", removed: "-", changed: "~" } as const;

function fileTable(files: readonly FileChange[]): string {
  return files
    .map(({ path, change, aspects }) => {
      const what = aspects.length === 0 ? "" : ` (${aspects.join(", ")})`;
      return `${signs[change]} /${printableLine(path.toWellFormed())}${what}\n`;
    })
    .join("");
}

function layerCounts(kept: number, added: readonly LayerSummary[], removed: readonly LayerSummary[]): string {
  return `${kept} kept, ${added.length} new, ${removed.length} gone`;
}

function counted(counts: readonly (readonly [string, number])[]): string {
  const said = counts.filter(([, count]) => count > 0).map(([what, count]) => `${count} ${what}`);
  return said.length === 0 ? "no difference" : said.join(", ");
}
