/** A package's files, as a Contents index tells of them. */
export interface Owned {
  /** `SECTION/PACKAGE`, or the package alone. */
  readonly owner: string;
  /** Relative to the root, without directories. */
  readonly paths: readonly string[];
}

/**
 * The text of a Contents index: a line for each path with all that own it, sorted by bytes
 * (https://wiki.debian.org/DebianRepository/Format, Contents indices). Paths with a line break in them are left out.
 */
export function formatContents(packages: Iterable<Owned>): string {
  const owners = new Map<string, Set<string>>();
  for (const { owner, paths } of packages) {
    for (const path of paths) {
      if (/[\n\r]/.test(path) || path === "") continue;
      const known = owners.get(path);
      if (known === undefined) owners.set(path, new Set([owner]));
      else known.add(owner);
    }
  }
  const sorted = [...owners].toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return sorted.map(([path, all]) => `${path.padEnd(59)} ${[...all].toSorted().join(",")}\n`).join("");
}

/** How a package is called in a Contents index. */
export function contentsOwner({ name, section }: { readonly name: string; readonly section: string | null }) {
  return section === null ? name : `${section}/${name}`;
}
