import type { TreeView } from "../../tree/view.ts";
import type { Lint } from "../lint.ts";

const injected = ["etc/hostname", "etc/resolv.conf"];

/** Container builders mount these two over empty files, which stay behind. A running system has them for good reason. */
export const buildahInjected: Lint = {
  name: "buildah-injected",
  type: "warning",
  origin: "bootc",
  rootType: "Alternative",
  description:
    "Neither /etc/hostname nor /etc/resolv.conf is an empty file, as container builders leave them.",
  hint: "Remove the file, or make it the link that it should be.",
  check: ({ view }) => {
    const empty = injected.filter((path) => isEmptyFile(view, path));
    const [first] = empty;
    if (first === undefined) return null;
    return {
      message: `/${first} is an empty file; this may have been synthesized by a container runtime.`,
      repairs: empty.map((path) => ({ do: "remove", path: view.resolve(path) ?? path }) as const),
    };
  },
};

function isEmptyFile(view: TreeView, path: string): boolean {
  const entry = view.lstat(path);
  const file = entry?.type === "link" ? view.stat(path) : entry;
  return file?.type === "file" && file.sizeBytes === 0;
}
