import { parentOf } from "../tree/entry.ts";
import type { TreeView } from "../tree/view.ts";
import { type InstalledPackage, dpkgHome, readStatus, textIn } from "./dpkg-status.ts";

export interface DpkgOwners {
  /** Where the database lies, as the tree has the path. */
  readonly directory: string;
  /** By name as dpkg's files have it (`libc6:amd64`), in their order. */
  readonly packages: ReadonlyMap<string, InstalledPackage>;
  /** Whose a path is: of what several packages have, such as directories, the first of them by name. */
  readonly owners: ReadonlyMap<string, InstalledPackage>;
  /**
   * By source, the time of the newest file that dpkg has a checksum of, in seconds since the epoch. Files that were made or
   * altered since are in no list of checksums, even where a list of files has their paths.
   */
  readonly shippedTimes: ReadonlyMap<string, number>;
}

/**
 * Reads from a tree who owns what, by dpkg's own lists and diversions. Paths are as the tree has them: what a list has as
 * /bin/sh is usr/bin/sh where /bin is a link. Null when the tree has no database.
 * @throws Failure bad-control-data, field-missing (package).
 */
export async function readDpkgOwners(view: TreeView): Promise<DpkgOwners | null> {
  const home = dpkgHome(view);
  if (home === null) return null;
  const places = new Places(view);
  const directory = places.of(home);
  const packages = await readPackages(view, directory);
  const diversions = await readDiversions(view, directory, places);
  const owners = new Map<string, InstalledPackage>();
  const shippedTimes = new Map<string, number>();
  for (const [stem, each] of packages) {
    const placeOf = (written: string) => {
      const listed = places.of(written);
      const diversion = diversions.get(listed);
      return diversion !== undefined && diversion.by !== each.name ? diversion.to : listed;
    };
    for (const line of (await textIn(view, `${directory}/info/${stem}.list`)).split("\n")) {
      if (!line.startsWith("/") || line === "/.") continue;
      const path = placeOf(line);
      if (!owners.has(path)) owners.set(path, each);
    }
    for (const line of (await textIn(view, `${directory}/info/${stem}.md5sums`)).split("\n")) {
      const file = view.tree.get(placeOf(line.slice(checksumWidth)));
      if (file?.type !== "file" && file?.type !== "link") continue;
      shippedTimes.set(each.source, Math.max(file.mtime, shippedTimes.get(each.source) ?? -Infinity));
    }
  }
  return { directory, packages, owners, shippedTimes };
}

/** Of an MD5 sum and the two spaces after it (deb-md5sums(5)). */
const checksumWidth = 34;

/** Resolved paths; each directory is looked up once. */
class Places {
  private readonly view: TreeView;
  private readonly directories = new Map<string, string>([[".", "."]]);

  constructor(view: TreeView) {
    this.view = view;
  }

  /** Where the tree has it; a path whose directory is nowhere stays as it is. */
  of(written: string): string {
    const path = written.replace(/^\/+|\/+$/g, "");
    const parent = parentOf(path);
    const name = path.slice(path.lastIndexOf("/") + 1);
    const directory = this.directories.get(parent) ?? this.directory(parent);
    return directory === "." ? name : `${directory}/${name}`;
  }

  private directory(path: string): string {
    const resolved = parentOf(this.view.resolve(`${path}/any`) ?? `${path}/any`);
    this.directories.set(path, resolved);
    return resolved;
  }
}

/** All packages that have a list of files, by the stem of its name, sorted by that. */
async function readPackages(view: TreeView, directory: string): Promise<Map<string, InstalledPackage>> {
  const known = new Map<string, InstalledPackage>();
  for (const each of await readStatus(view, directory)) {
    // Packages that may be there for several architectures have theirs in the name.
    known.set(each.name, each).set(`${each.name}:${each.architecture}`, each);
  }
  const stems = view.names(`${directory}/info`).flatMap((name) => /^(.*)\.list$/.exec(name)?.[1] ?? []);
  return new Map(
    stems.flatMap((stem) => {
      const each = known.get(stem);
      return each === undefined ? [] : [[stem, each] as const];
    }),
  );
}

interface Diversion {
  readonly to: string;
  /** The package that diverts, whose own file is at the path; `:` for the administrator. */
  readonly by: string;
}

/** Of each diverted path where other packages' files of that name are (dpkg-divert(1)). */
async function readDiversions(
  view: TreeView,
  directory: string,
  places: Places,
): Promise<Map<string, Diversion>> {
  const lines = (await textIn(view, `${directory}/diversions`)).split("\n");
  const diversions = new Map<string, Diversion>();
  for (let at = 0; at + 2 < lines.length; at += 3) {
    const [from = "", to = "", by = ""] = lines.slice(at, at + 3);
    diversions.set(places.of(from), { to: places.of(to), by });
  }
  return diversions;
}
