import { compareBytes } from "../../oci/raw-text.ts";
import type { Tree, TreeEntry } from "../tree/tree.ts";

/** In what two entries of one path can differ. */
export type Aspect = "type" | "content" | "target" | "mode" | "owner" | "xattrs" | "time";

/** What is at a path on one side only, or differs. */
export interface FileChange {
  readonly path: string;
  readonly change: "added" | "removed" | "changed";
  /** Of what changed, in what; empty otherwise. */
  readonly aspects: readonly Aspect[];
}

/**
 * What differs between two trees, sorted by path. A file's names count as files with its content, and the times of
 * directories, which images do not keep, for nothing.
 */
export function compareTrees(before: Tree, after: Tree): readonly FileChange[] {
  const paths = [...new Set([...before.keys(), ...after.keys()])].toSorted(compareBytes);
  return paths.flatMap((path) => {
    const [old, now] = [before.get(path), after.get(path)];
    if (old === undefined) return { path, change: "added", aspects: [] };
    if (now === undefined) return { path, change: "removed", aspects: [] };
    const aspects = differences(resolved(old, before), resolved(now, after));
    return aspects.length === 0 ? [] : { path, change: "changed", aspects };
  });
}

function resolved(entry: TreeEntry, tree: Tree): TreeEntry {
  return entry.type === "link" ? (tree.get(entry.target) ?? entry) : entry;
}

function differences(old: TreeEntry, now: TreeEntry): readonly Aspect[] {
  if (old.type !== now.type) return ["type"];
  const aspects: Aspect[] = [];
  if (old.type === "file" && now.type === "file" && old.digest !== now.digest) aspects.push("content");
  if (old.type === "symlink" && now.type === "symlink" && old.target !== now.target) aspects.push("target");
  if (old.mode !== now.mode) aspects.push("mode");
  if (old.uid !== now.uid || old.gid !== now.gid) aspects.push("owner");
  if (xattrText(old) !== xattrText(now)) aspects.push("xattrs");
  if (old.type !== "directory" && old.mtime !== now.mtime) aspects.push("time");
  return aspects;
}

function xattrText({ xattrs }: TreeEntry): string {
  return Object.entries(xattrs)
    .map(([name, value]) => `${name}=${Buffer.from(value).toString("hex")}`)
    .toSorted()
    .join("\n");
}
