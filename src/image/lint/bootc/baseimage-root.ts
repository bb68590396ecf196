import type { TreeView } from "../../tree/view.ts";
import type { Complaint, Lint } from "../lint.ts";
import { debugName } from "../quote.ts";
import type { Repair } from "../repair.ts";
import { baseImageRoots } from "./reference-root.ts";

const target = "sysroot/ostree";

/** What ostree's layout needs in the root. The link is compared literally: `/sysroot/ostree` is another. */
export const baseImageRoot: Lint = {
  name: "baseimage-root",
  type: "fatal",
  origin: "bootc",
  description: "The root has a directory /sysroot and the link /ostree -> sysroot/ostree.",
  hint: "Make /sysroot an empty directory and /ostree a link with the text sysroot/ostree.",
  check: ({ view }) => {
    for (const root of baseImageRoots(view)) {
      const message = rootMessage(root);
      if (message !== null) return root === view ? { message, repairs: repairsOf(root) } : { message };
    }
    return null;
  },
};

function rootMessage(view: TreeView): string | null {
  const sysroot = view.lstat("sysroot");
  if (sysroot === null) return "Missing /sysroot";
  if (sysroot.type !== "directory") return "Expected a directory for /sysroot";
  const link = view.lstat("ostree");
  if (link === null) return "Missing ostree -> sysroot/ostree link";
  if (link.type !== "symlink") return "/ostree should be a symlink";
  return link.target === target ? null : `Expected /ostree -> ${target}, not ${debugName(link.target)}`;
}

/** What is in the way is taken away only where nothing is lost with it. */
function repairsOf(view: TreeView): NonNullable<Complaint["repairs"]> {
  const sysroot = view.lstat("sysroot");
  const link = view.lstat("ostree");
  const repairs: Repair[] = [];
  if (sysroot === null) repairs.push({ do: "directory", path: "sysroot", mode: 0o755 });
  if (link?.type === "symlink") repairs.push({ do: "remove", path: "ostree" });
  if (link === null || link.type === "symlink") repairs.push({ do: "symlink", path: "ostree", target });
  return repairs;
}
