import { formatDuration } from "../../../base/duration.ts";
import { resourcesText } from "../../resources-text.ts";
import type { Plugin, ReportedBuild } from "../plugin.ts";

type Phase = ReportedBuild["result"]["phases"][number];

/** What each phase took: wall time, processors, peak of memory, input and output, disk. Beyond Mock's system_monitor, which has memory. */
export const resourceReport: Plugin = {
  apiVersion: 1,
  name: "resource-report",
  report: ({ result: { phases } }) => ({
    lines: phases.map(phaseText),
    files: [
      { ending: "json", text: `${JSON.stringify({ schema: 1, phases }, null, 2)}\n` },
      {
        ending: "tsv",
        text: [columns, ...phases.map(row)].map((cells) => `${cells.join("\t")}\n`).join(""),
      },
    ],
  }),
};

function phaseText({ name, seconds, resources }: Phase): string {
  const wall = `${name}: ${formatDuration(seconds * 1000)}`;
  return resources === null ? wall : `${wall}, ${resourcesText(resources)}`;
}

const measures = ["cpuSeconds", "peakMemoryBytes", "readBytes", "writtenBytes", "diskBytes"] as const;
const columns = ["phase", "seconds", ...measures];

/** What is not known is an empty cell. */
function row({ name, seconds, resources }: Phase): string[] {
  return [name, String(seconds), ...measures.map((measure) => String(resources?.[measure] ?? ""))];
}
