import type { Tree, TreeEntry } from "../../../../src/image/tree/tree.ts";
import { file, treeOf } from "../tree/arbitrary-tree.ts";

export interface TestPackage {
  /** With the architecture when its list's name has it: `libc6:amd64`. */
  readonly name: string;
  readonly source?: string;
  readonly version?: string;
  readonly architecture?: string;
  /** As dpkg has its lists: absolute paths. */
  readonly list: readonly string[];
}

/** A tree with dpkg's database about the packages, and the given entries. Files of lists are not made. */
export function dpkgTree(
  packages: readonly TestPackage[],
  entries: readonly TreeEntry[],
  { home = "usr/lib/sysimage/dpkg", diversions = "" } = {},
): Tree {
  const status = packages
    .map(
      ({ name, source, version = "1.0-1", architecture = "amd64" }) =>
        `Package: ${name.replace(/:.*/, "")}\nStatus: install ok installed\nArchitecture: ${architecture}\n` +
        `${source === undefined ? "" : `Source: ${source}\n`}Version: ${version}\n`,
    )
    .join("\n");
  return treeOf([
    file(`${home}/status`, status),
    file(`${home}/diversions`, diversions),
    ...packages.map(({ name, list }) => file(`${home}/info/${name}.list`, `/.\n${list.join("\n")}\n`)),
    ...entries,
  ]);
}
