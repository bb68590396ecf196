import { type Lint, complaintOf } from "../lint.ts";
import { comparePaths, quotedPath } from "../quote.ts";
import { directoryNames } from "../read.ts";

/** Logs of the build tell of the building machine and differ each time. */
export const varLog: Lint = {
  name: "var-log",
  type: "warning",
  origin: "bootc",
  description: "No file in /var/log has anything in it.",
  hint: "Remove the log files when the image is made.",
  check: ({ view }) => {
    if (directoryNames(view, "var/log") === null) return null;
    const entries = [...view.below("var/log")];
    const logs = entries.filter((entry) => {
      const file = entry.type === "link" ? view.stat(entry.path) : entry;
      return file?.type === "file" && file.sizeBytes > 0;
    });
    const base = view.stat("var/log")?.path ?? "";
    const items = logs.map(({ path }) => `/var/log${path.slice(base.length)}`).toSorted(comparePaths);
    const repairs = logs.map(({ path }) => ({ do: "remove", path }) as const);
    return complaintOf([{ header: "Found non-empty logfiles", items: items.map(quotedPath) }], { repairs });
  },
};
