import { type IndexedMember, indexTar, writtenTo } from "../../oci/tar-index.ts";
import { malformedTar } from "../../oci/tar-malformed.ts";
import { diskFailure } from "../../store/disk.ts";
import { entryOf, parentOf } from "./entry.ts";
import type { Tree, TreeEntry } from "./tree.ts";

/**
 * The root filesystem that a tar holds, which is written to a new file as it comes: contents are stretches of that file.
 * The tar must be of one whole tree, as `tar --create --format=pax --xattrs --directory=ROOT .` makes it.
 * @throws Failure tar-malformed (infrastructure), disk-full, not-writable, and what the stream raises.
 */
export async function treeOfTar(tar: AsyncIterable<Uint8Array>, file: string): Promise<Tree> {
  const tree = new Map<string, TreeEntry>();
  try {
    for await (const member of indexTar(writtenTo(file, tar))) add(tree, member, file);
  } catch (thrown) {
    throw diskFailure(thrown, file);
  }
  return tree;
}

/** As `treeOfTar`, of a tar file whose members are known. @throws Failure tar-malformed. */
export function treeOfMembers(members: readonly IndexedMember[], file: string): Tree {
  const tree = new Map<string, TreeEntry>();
  for (const member of members) add(tree, member, file);
  return tree;
}

function add(tree: Map<string, TreeEntry>, member: IndexedMember, file: string): void {
  const entry = entryOf(member, file, tree);
  if (tree.has(entry.path)) throw malformedTar(`it has ${entry.path} twice`);
  if (entry.path.includes("/") && tree.get(parentOf(entry.path))?.type !== "directory")
    throw malformedTar(`it has ${entry.path}, but no directory that it is in`);
  tree.set(entry.path, entry);
}
