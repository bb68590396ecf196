import { digestOf } from "../../../../src/base/digest.ts";
import { readContent, type Tree, type TreeEntry } from "../../../../src/image/tree/tree.ts";
import { compareBytes } from "../../../../src/oci/raw-text.ts";

/** All that an image must keep of a tree: directories have no time of their own, and names of a file are alike. */
export async function essence(tree: Tree): Promise<unknown[]> {
  const firsts = new Map<string, string>();
  const sorted = [...tree.values()].toSorted((a, b) => compareBytes(a.path, b.path));
  for (const entry of sorted) {
    const named = entry.type === "link" ? entry.target : entry.path;
    if (entry.type === "file" || entry.type === "link") firsts.set(named, firsts.get(named) ?? entry.path);
  }
  const plain = async (entry: TreeEntry) => {
    const { path, mode, uid, gid, mtime, xattrs } = entry;
    const common = {
      path,
      mode,
      uid,
      gid,
      mtime,
      xattrs: Object.entries(xattrs)
        .map(([name, value]) => `${name}=${Buffer.from(value).toString("hex")}`)
        .toSorted(),
    };
    if (entry.type === "directory") return { ...common, mtime: 0, type: entry.type };
    if (entry.type === "symlink") return { ...common, type: entry.type, target: entry.target };
    const named = entry.type === "link" ? tree.get(entry.target) : entry;
    const content = named?.type === "file" ? digestOf(await readContent(named)) : null;
    return { ...common, type: "file", content, first: named === undefined ? null : firsts.get(named.path) };
  };
  return await Promise.all(sorted.map(plain));
}
