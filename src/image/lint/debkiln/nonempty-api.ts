import { type Lint, complaintOf } from "../lint.ts";
import { quotedPath } from "../quote.ts";

/** The kernel's file systems are mounted over them; bootc drops what an image has there. See `nonempty-run-tmp` for the rest. */
export const nonemptyApi: Lint = {
  name: "nonempty-api-directories",
  type: "warning",
  origin: "debkiln",
  description: "/dev, /proc, /sys and /sysroot are empty.",
  hint: "Remove what is in there.",
  check: ({ view }) => {
    const tops = ["dev", "proc", "sys", "sysroot"].filter((path) => view.lstat(path)?.type === "directory");
    const found = tops.flatMap((top) => view.names(top).map((name) => `${top}/${name}`));
    return complaintOf(
      [
        {
          header: "Found content in directories that are mounted over",
          items: found.map((path) => quotedPath(`/${path}`)),
        },
      ],
      {
        repairs: found.map((path) => ({ do: "remove", path }) as const),
      },
    );
  },
};
