import { type Lint, complaintOf } from "../lint.ts";
import { comparePaths, quotedPath } from "../quote.ts";

/** podman and buildah mount it, and leave the directories (bootc#2050). */
const runtimeFile = "run/systemd/resolve/stub-resolv.conf";

/** Both are file systems in memory on a running system, which hide what the image has. */
export const nonemptyRunTmp: Lint = {
  name: "nonempty-run-tmp",
  type: "warning",
  origin: "bootc",
  description: "/run and /tmp are empty, but for what container engines leave of resolv.conf.",
  hint: "Remove what is in there; what programs need in /run comes from tmpfiles.d or RuntimeDirectory=.",
  check: ({ view }) => {
    const tops = ["run", "tmp"].filter((path) => view.lstat(path)?.type === "directory");
    const found = new Set(tops.flatMap((top) => [...view.below(top)].map(({ path }) => path)));
    pruneRuntimeFile(found);
    const items = [...found].toSorted(comparePaths).map((path) => quotedPath(`/${path}`));
    const repairs = [...found]
      .filter((path) => path.split("/").length === 2)
      .map((path) => ({ do: "remove", path }) as const);
    return complaintOf([{ header: "Found content in runtime-only directories (/run, /tmp)", items }], {
      repairs,
    });
  },
};

/** Takes the file out, and each directory above it in which nothing else is. */
function pruneRuntimeFile(paths: Set<string>): void {
  paths.delete(runtimeFile);
  for (let path = parent(runtimeFile); path !== "run"; path = parent(path)) {
    if ([...paths].some((other) => other.startsWith(`${path}/`))) return;
    paths.delete(path);
  }
}

function parent(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}
