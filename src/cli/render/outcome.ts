import { relative } from "node:path";
import { formatDuration } from "../../base/duration.ts";
import { printableLine } from "../../base/printable.ts";
import { formatSize } from "../../base/size.ts";
import { cacheUseText } from "../../build/compiler-cache.ts";
import type { BuildOutcome } from "../../build/conclude.ts";
import { resourcesText } from "../../build/resources-text.ts";

/** A build's end for people: the packages, where they are, and where the time went. */
export function outcomeText({ result, directory, flat, failure }: BuildOutcome): string {
  const { source, target, artifacts, phases } = result;
  const title = `${source.name} ${source.version} for ${target}`;
  const place = relative(process.cwd(), directory) || ".";
  const times = phases.map(({ name, seconds }) => `${name} ${formatDuration(seconds * 1000)}`).join(", ");
  const cached = result.ccache === null ? [] : [`  ${cacheUseText(result.ccache)}`];
  const taken = [`  ${times}`, ...resourceRows(result), ...cached];
  if (failure !== null)
    return printed([`${title}: ${result.status}; the log is in ${place}`, ...pluginRows(result), ...taken]);
  const packages = artifacts.filter(({ kind }) => binaryKinds.has(kind));
  const shown = packages.length > 0 ? packages : artifacts.filter(({ kind }) => sourceKinds.has(kind));
  const rows = shown.map(({ name, sizeBytes }) => `  ${name}  ${formatSize(sizeBytes)}`);
  const others = artifacts.length - shown.length;
  return printed([
    `${title}: in ${place}/${flat === undefined ? "" : `, and each file in ${relative(process.cwd(), flat) || "."}/`}`,
    ...rows,
    ...(others > 0
      ? [`  and ${others} more: .changes, .buildinfo, ...; the log, lock.json and result.json`]
      : []),
    ...checkRows(result),
    ...pluginRows(result),
    ...taken,
  ]);
}

/** How the results fared in each check. */
export function checkRows({ checks }: BuildOutcome["result"]): string[] {
  return checks.map(({ name, status, summary }) => `  ${name}: ${status}, ${summary}`);
}

function pluginRows({ plugins }: BuildOutcome["result"]): string[] {
  return plugins.flatMap(({ name, status, lines }) =>
    lines.map((line) => `  ${name}: ${status === "failed" ? `failed, ${line}` : line}`),
  );
}

/** Of the build itself; `result.json` has all phases. */
function resourceRows({ phases }: BuildOutcome["result"]): string[] {
  return phases.flatMap(({ name, resources }) =>
    name === "build" && resources !== null ? [`  build took ${resourcesText(resources)}`] : [],
  );
}

const binaryKinds: ReadonlySet<string> = new Set(["deb", "udeb", "ddeb"]);
const sourceKinds: ReadonlySet<string> = new Set(["dsc", "tarball"]);

function printed(lines: readonly string[]): string {
  return lines.map((line) => `${line.startsWith("  ") ? "  " : ""}${printableLine(line)}\n`).join("");
}
