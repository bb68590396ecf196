import type { IndexedMember } from "../../oci/tar-index.ts";
import { malformedTar } from "../../oci/tar-malformed.ts";
import type { Tree, TreeDirectory, TreeEntry, TreeLink } from "./tree.ts";

/**
 * A tar's member as an entry of a tree, its content in the file that the tar was written to. A hard link's target is looked
 * up in the tree so far: the further name of a file has all that the file has; that of anything else is a copy of it.
 * @throws Failure tar-malformed (infrastructure) for a path that leaves the tree and a link to nothing.
 */
export function entryOf({ record, offset, digest }: IndexedMember, file: string, tree: Tree): TreeEntry {
  const path = treePath(record.path);
  const { type, mode, uid, gid, sizeBytes, linkTarget, xattrs } = record;
  const common = { path, mode, uid, gid, mtime: Math.floor(record.mtime), xattrs };
  switch (type) {
    case "file":
      return { ...common, type, sizeBytes, digest, content: { from: "file", file, offset } };
    case "symlink":
      return { ...common, type, target: linkTarget };
    case "link":
      return furtherName(path, treePath(linkTarget), tree);
    default:
      return { ...common, type };
  }
}

/**
 * A path as trees have it, from how tars write it (`./usr/bin/`, `/usr/bin`). @throws Failure tar-malformed for `..`.
 */
export function treePath(written: string): string {
  const parts = written.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) throw malformedTar(`it has a path that leaves the tree, ${written}`);
  if (written.length > longestPath) throw malformedTar("it has a path that is longer than Linux takes");
  return parts.length === 0 ? "." : parts.join("/");
}

/** PATH_MAX of Linux. */
const longestPath = 4096;

/** The path of the directory that an entry is in; that of the root is the root. */
export function parentOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash === -1 ? "." : path.slice(0, slash);
}

/** A directory that a tar names only by what is in it, as every unpacker makes it. */
export function impliedDirectory(path: string): TreeDirectory {
  return { path, type: "directory", mode: 0o755, uid: 0, gid: 0, mtime: 0, xattrs: {} };
}

function furtherName(path: string, targetPath: string, tree: Tree): TreeEntry {
  const named = tree.get(targetPath);
  const target = named?.type === "link" ? tree.get(named.target) : named;
  if (target === undefined || target.type === "directory" || path === target.path)
    throw malformedTar(`it has a hard link to what is no file before it, ${path} -> ${targetPath}`);
  return target.type === "file" ? linkTo(target, path) : { ...target, path };
}

/** A further name of a file. */
export function linkTo(file: Exclude<TreeEntry, TreeLink>, path: string): TreeLink {
  const { mode, uid, gid, mtime, xattrs } = file;
  return { path, type: "link", mode, uid, gid, mtime, xattrs, target: file.path };
}
