import { formatDuration } from "../base/duration.ts";
import type { Resources } from "../base/resources.ts";
import { formatSize } from "../base/size.ts";
import type { Spent } from "./phase-clock.ts";

/** What a phase took, for people, in one line: what is not known is named. */
export function resourcesText(resources: Resources): string {
  const { cpuSeconds, peakMemoryBytes, readBytes, writtenBytes, diskBytes, unknown } = resources;
  const parts = [
    ...(cpuSeconds === undefined ? [] : [`${formatDuration(cpuSeconds * 1000)} of processor time`]),
    ...(peakMemoryBytes === undefined ? [] : [`${formatSize(peakMemoryBytes)} of memory`]),
    ...(readBytes === undefined ? [] : [`${formatSize(readBytes)} read`]),
    ...(writtenBytes === undefined ? [] : [`${formatSize(writtenBytes)} written`]),
    ...(diskBytes === undefined ? [] : [`${formatSize(diskBytes)} on disk`]),
    ...("peakMemoryBytes" in unknown ? ["memory not known"] : []),
  ];
  return parts.join(", ");
}

/** The log's lines about what was measured, with the reasons for what was not. */
export function resourceLines(phases: readonly Spent[]): string {
  return phases
    .flatMap(({ name, resources }) => {
      if (resources === null) return [];
      const reasons = Object.entries(resources.unknown).map(([measure, why]) => `  ${measure}: ${why}\n`);
      return [`Resources of ${name}: ${resourcesText(resources)}\n`, ...reasons];
    })
    .join("");
}
