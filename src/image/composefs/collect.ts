import type { FormatVersion } from "./format.ts";
import { type Directory, type Leaf, type Node, sortedChildren } from "./node.ts";

/** The inodes of a tree in the order of their numbers, and how many names each leaf has. */
export interface Collected {
  readonly nodes: readonly Node[];
  readonly links: ReadonlyMap<Leaf, number>;
  readonly parents: ReadonlyMap<Directory, Directory>;
}

/**
 * Form 1 numbers inodes level by level, a file of several names where a walk into the depth finds it first; form 2 numbers
 * them as that walk does.
 */
export function collectInodes(root: Directory, version: FormatVersion): Collected {
  const walked: Node[] = [];
  const links = new Map<Leaf, number>();
  const homes = new Map<Leaf, Directory>();
  const parents = new Map<Directory, Directory>([[root, root]]);
  const walk = (directory: Directory) => {
    walked.push(directory);
    for (const [, child] of sortedChildren(directory)) {
      if (child.type === "directory") {
        parents.set(child, directory);
        walk(child);
        continue;
      }
      const count = links.get(child) ?? 0;
      links.set(child, count + 1);
      if (count > 0) continue;
      homes.set(child, directory);
      walked.push(child);
    }
  };
  walk(root);
  return { nodes: version === 2 ? walked : byLevel(root, homes), links, parents };
}

function byLevel(root: Directory, homes: ReadonlyMap<Leaf, Directory>): readonly Node[] {
  const nodes = new Set<Node>([root]);
  // A set's loop goes on to what is added meanwhile.
  for (const directory of nodes) {
    if (directory.type !== "directory") continue;
    for (const [, child] of sortedChildren(directory))
      if (child.type === "directory" || homes.get(child) === directory) nodes.add(child);
  }
  return [...nodes];
}
