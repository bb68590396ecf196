import type { Lint } from "../lint.ts";

/** Programs that look in /var/run must find what is in /run. */
export const varRun: Lint = {
  name: "var-run",
  type: "fatal",
  origin: "bootc",
  description: "/var/run is a link, if it is there.",
  hint: "Make /var/run a link to /run.",
  check: ({ view }) => {
    const entry = view.lstat("var/run");
    if (entry === null || entry.type === "symlink") return null;
    const repairs = [
      { do: "remove", path: entry.path },
      { do: "symlink", path: entry.path, target: "/run" },
    ] as const;
    return { message: "Not a symlink: var/run", repairs };
  },
};
