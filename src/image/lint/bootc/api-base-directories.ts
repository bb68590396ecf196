import type { Lint } from "../lint.ts";

const directories = ["dev", "proc", "sys", "run", "tmp", "var"];

/** Mount points that the kernel and systemd need (systemd.io/API_FILE_SYSTEMS), and /var. */
export const apiBaseDirectories: Lint = {
  name: "api-base-directories",
  type: "fatal",
  origin: "bootc",
  description: "The directories /dev, /proc, /sys, /run, /tmp and /var are there, and are no links.",
  hint: "Make them empty directories.",
  check: ({ view }) => {
    const wrong = directories.find((path) => view.lstat(path)?.type !== "directory");
    if (wrong === undefined) return null;
    const missing = directories.filter((path) => view.lstat(path) === null);
    const repairs = missing.map(
      (path) => ({ do: "directory", path, mode: path === "tmp" ? 0o1777 : 0o755 }) as const,
    );
    return missing.includes(wrong)
      ? { message: `Missing API filesystem base directory: /${wrong}`, repairs }
      : { message: `Expected directory for API filesystem base directory: /${wrong}`, repairs };
  },
};
