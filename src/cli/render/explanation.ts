import { counted } from "../../base/counted.ts";
import { printableLine } from "../../base/printable.ts";
import { formatSize } from "../../base/size.ts";
import type { Explanation, Installation } from "../../environment/explain.ts";

/** An explanation for people: a line per layer with what differs beneath it, then what a build would do. */
export function explanationText({ target, decisions, installation }: Explanation): string {
  const layers = decisions.flatMap(({ layer, outcome, reason, changes }) => [
    `${layer}: ${outcome}: ${reason}`,
    ...changes.map((change) => `  ${change}`),
  ]);
  const next =
    installation === null
      ? ["A build would bring the base here first; what follows is known then."]
      : stepsOf(installation);
  return [`For ${target}:`, ...layers, ...next].map(indented).join("");
}

function indented(line: string): string {
  return `${line.startsWith("  ") ? "  " : ""}${printableLine(line)}\n`;
}

function stepsOf({ start, install, remove, download, remote }: Installation): string[] {
  if (install.length + remove.length === 0) return [`A build would start at once, from ${start.reference}`];
  if (remote !== null) return [`A build would take the environment from ${remote}, and install nothing`];
  const from = start.kind === "base" ? "the base" : "the nearest cached environment";
  const removal = remove.length === 0 ? "" : ` and remove ${counted(remove.length, "package")}`;
  return [
    `A build would install ${counted(install.length, "package")}${removal} on ${from}, ${start.reference}`,
    ...install.map(({ name, version }) => `  + ${name} ${version}`),
    ...remove.map(({ name, version }) => `  - ${name} ${version}`),
    download.packages === 0
      ? "Nothing would be downloaded."
      : `Of these ${counted(download.packages, "package")} would be downloaded: ${formatSize(download.bytes)}.`,
  ];
}
