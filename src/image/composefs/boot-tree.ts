import { Failure } from "../../base/failure.ts";
import { parentOf } from "../tree/entry.ts";
import { nameOf } from "../tree/path.ts";
import { type TreeEntry, type TreeFile, openContent, readContent } from "../tree/tree.ts";
import { type VerityAlgorithm, verityOf } from "./fs-verity.ts";
import type { Directory, FileData, Leaf, Node, Stat } from "./node.ts";

/** Files up to this many bytes are in the composefs image itself (INLINE_CONTENT_MAX_V0 of composefs-rs). */
const inlineSize = 64;
/** Longer targets are refused by composefs-rs, and would be stored in another form. */
const longestTarget = 1024;

/** Emptied before the digest is taken, since hosts have their own; the UKI that names the digest is in one of them. */
const emptied = ["boot", "run", "sysroot"] as const;

/**
 * The tree that bootc makes a composefs image of, from the entries of an image as its layers have them, parents first: the
 * root has what /usr has, /boot, /run and /sysroot are empty and as old as /usr, and of extended attributes there are only
 * file capabilities (composefs-rs, `transform_for_oci` and `transform_for_boot`; it labels for SELinux only by a policy).
 * @throws Failure composefs-unsupported, special-file (package).
 */
export async function bootTree(entries: Iterable<TreeEntry>, algorithm: VerityAlgorithm): Promise<Directory> {
  const top = new Map<string, Node>();
  const nodes = new Map<string, Node>([[".", { ...nobody, type: "directory", children: top }]]);
  for (const entry of entries) {
    if (entry.path === ".") continue;
    const node = await nodeOf(entry, nodes, algorithm);
    nodes.set(entry.path, node);
    directoryAt(nodes, parentOf(entry.path)).children.set(nameOf(entry.path), node);
  }
  if (nodes.has("etc/selinux/config"))
    throw unsupported(
      "/etc/selinux/config names a policy, by which bootc labels files before it takes the digest",
    );
  const usr = directoryAt(nodes, "usr");
  for (const name of emptied) {
    const directory = directoryAt(nodes, name);
    top.set(name, { ...directory, mtime: usr.mtime, children: new Map<string, Node>() });
  }
  return { ...usr, children: top };
}

const nobody: Stat = { mode: 0, uid: 0, gid: 0, mtime: 0, xattrs: {} };

async function nodeOf(
  entry: TreeEntry,
  nodes: ReadonlyMap<string, Node>,
  algorithm: VerityAlgorithm,
): Promise<Node> {
  const stat = statOf(entry);
  switch (entry.type) {
    case "directory":
      return { ...stat, type: "directory", children: new Map<string, Node>() };
    case "file":
      return { ...stat, type: "file", data: await dataOf(entry, algorithm) };
    case "symlink":
      if (Buffer.byteLength(entry.target) > longestTarget)
        throw unsupported(`the link /${entry.path} leads to a path of more than ${longestTarget} bytes`);
      return { ...stat, type: "symlink", target: entry.target };
    case "link":
      return namedBefore(nodes, entry.target);
    default:
      throw unsupported(`/${entry.path} is a ${entry.type.replace("-", " ")}`);
  }
}

function statOf({ mode, uid, gid, mtime, xattrs }: TreeEntry): Stat {
  const capability = xattrs["security.capability"];
  const kept = capability === undefined ? {} : { "security.capability": capability };
  return { mode, uid, gid, mtime, xattrs: kept };
}

async function dataOf(file: TreeFile, algorithm: VerityAlgorithm): Promise<FileData> {
  const { sizeBytes } = file;
  if (sizeBytes <= inlineSize) return { kind: "inline", bytes: await readContent(file) };
  return { kind: "object", digest: await verityOf(openContent(file), algorithm), sizeBytes };
}

function directoryAt(nodes: ReadonlyMap<string, Node>, path: string): Directory {
  const node = nodes.get(path);
  if (node?.type === "directory") return node;
  throw unsupported(`there is no directory /${path}`);
}

function namedBefore(nodes: ReadonlyMap<string, Node>, path: string): Leaf {
  const node = nodes.get(path);
  if (node !== undefined && node.type !== "directory") return node;
  throw unsupported(`a hard link leads to /${path}, which is no file before it`);
}

function unsupported(reason: string): Failure {
  return new Failure("package", "composefs-unsupported", `The image has no composefs digest: ${reason}`, {
    hint: "Change what the definition or its packages put there, or leave [bootc] uki out.",
  });
}
