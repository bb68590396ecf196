import { compareBytes } from "../../oci/raw-text.ts";
import { blockSize } from "../../oci/tar-header.ts";
import { parentOf } from "../tree/entry.ts";
import type { Tree, TreeEntry } from "../tree/tree.ts";
import { TreeView } from "../tree/view.ts";
import { type Component, systemComponents } from "./component.ts";
import { type DpkgOwners, readDpkgOwners } from "./dpkg-owners.ts";
import type { InstalledPackage } from "./dpkg-status.ts";
import { type HomeFacts, homeFinder } from "./homes.ts";

/** What nobody owns is a component of its own from this size on, in bytes. */
const largeFile = 1 << 20;

/** Where a path belongs, and whether dpkg's lists say so. */
interface Place {
  readonly component: string;
  readonly isListed: boolean;
}

/**
 * Divides a tree into components. Each entry is in exactly one, but for directories with something in them, which are in
 * every layer that has a part of it. All names of a file are in the same. `definitionPaths` are those that the definition
 * itself puts in place: they change with it and not with the package that may have them too.
 * @throws Failure bad-control-data, field-missing (package) for a broken dpkg database.
 */
export async function componentsOf(
  tree: Tree,
  definitionPaths: ReadonlySet<string> = new Set(),
): Promise<readonly Component[]> {
  const dpkg = await readDpkgOwners(new TreeView(tree));
  const placeOf = placing(factsOf(tree, dpkg), definitionPaths);
  const places = new Map(leavesOf(tree).map((entry) => [entry.path, placeOf(entry)]));
  keepNamesTogether(tree, places);
  return gathered(tree, places, dpkg);
}

/** Everything but directories that something is in. */
function leavesOf(tree: Tree): TreeEntry[] {
  const parents = new Set<string>(["."]);
  for (const path of tree.keys()) parents.add(parentOf(path));
  return [...tree.values()].filter(({ path, type }) => type !== "directory" || !parents.has(path));
}

function placing(facts: HomeFacts, definitionPaths: ReadonlySet<string>): (entry: TreeEntry) => Place {
  const homeOf = homeFinder(facts);
  return (entry) => {
    const { path } = entry;
    if (definitionPaths.has(path)) return { component: systemComponents.definition, isListed: false };
    const source = facts.sourceOf(path);
    if (source !== null) return { component: source, isListed: true };
    const isLarge = entry.type === "file" && entry.sizeBytes >= largeFile;
    const component = homeOf(entry) ?? (isLarge ? `file:/${path}` : systemComponents.rest);
    return { component, isListed: false };
  };
}

function factsOf(tree: Tree, dpkg: DpkgOwners | null): HomeFacts {
  const sourceOf = (path: string) => dpkg?.owners.get(path)?.source ?? null;
  const below = new Map<string, string | null>();
  const sourceBelow = (directory: string) => {
    const known = below.get(directory);
    if (known !== undefined) return known;
    const first = [...tree.values()]
      .filter(
        ({ path, type }) =>
          path.startsWith(`${directory}/`) && type !== "directory" && sourceOf(path) !== null,
      )
      .map(({ path }) => path)
      .toSorted(compareBytes)
      .at(0);
    const source = first === undefined ? null : sourceOf(first);
    below.set(directory, source);
    return source;
  };
  return { dpkg, sourceOf, sourceBelow };
}

/** A file and its further names go to the first by name of their components, one of a package's before others. */
function keepNamesTogether(tree: Tree, places: Map<string, Place>): void {
  const groups = new Map<string, string[]>();
  for (const { path, ...entry } of tree.values()) {
    if (entry.type === "link")
      groups.set(entry.target, [...(groups.get(entry.target) ?? [entry.target]), path]);
  }
  for (const paths of groups.values()) {
    const found = paths.flatMap((path) => places.get(path) ?? []);
    const [first] = found.toSorted(
      (a, b) => Number(b.isListed) - Number(a.isListed) || compareBytes(a.component, b.component),
    );
    if (first !== undefined) for (const path of paths) places.set(path, first);
  }
}

function gathered(
  tree: Tree,
  places: ReadonlyMap<string, Place>,
  dpkg: DpkgOwners | null,
): readonly Component[] {
  const packages = Map.groupBy(new Set(dpkg?.packages.values()), ({ source }) => source);
  const groups = Map.groupBy(places, ([, { component }]) => component);
  return [...groups]
    .toSorted(([a], [b]) => compareBytes(a, b))
    .map(([name, members]): Component => {
      const paths = members.map(([path]) => path).toSorted(compareBytes);
      return {
        name,
        paths,
        latest: latestOf(name, members, tree, dpkg),
        packages: byName(packages.get(name) ?? []),
        sizeBytes: paths.reduce((sum, path) => sum + sizeIn(tree, path), 0),
      };
    });
}

/** Components that change with everything: their times may as well be told. */
const timed: ReadonlySet<string> = new Set([
  systemComponents.definition,
  systemComponents.dpkg,
  systemComponents.rest,
]);

function latestOf(
  name: string,
  members: readonly (readonly [string, Place])[],
  tree: Tree,
  dpkg: DpkgOwners | null,
): number {
  if (timed.has(name)) return Infinity;
  const shipped = dpkg?.shippedTimes.get(name);
  if (shipped !== undefined) return shipped;
  // Of packages without checksums, or without any file but links.
  const listed = members.filter(([, { isListed }]) => isListed);
  return Math.max(0, ...listed.map(([path]) => tree.get(path)?.mtime ?? 0));
}

function byName(packages: readonly InstalledPackage[]): readonly InstalledPackage[] {
  return packages.toSorted((a, b) => compareBytes(a.name, b.name));
}

function sizeIn(tree: Tree, path: string): number {
  const entry = tree.get(path);
  return blockSize + (entry?.type === "file" ? Math.ceil(entry.sizeBytes / blockSize) * blockSize : 0);
}
