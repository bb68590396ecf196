import { Failure } from "../../base/failure.ts";
import type { Owners } from "./options.ts";
import { pathBeforeLinks } from "./root-links.ts";

export interface UnknownFile {
  readonly path: string;
  readonly type: string;
}

/** A directory below /var with files that nobody knows what to do with. */
interface UnknownDirectory {
  readonly path: string;
  readonly files: number;
  readonly owner: string | null;
}

/** The failure of files below /var that no rule is for, by the directories that a rule could be for. */
export function unclassified(files: readonly UnknownFile[], owners: Owners): Failure {
  const found = byDirectory(files, owners);
  const [first] = found;
  const named = found.slice(0, 5).map(({ path, files: count, owner }) => {
    const of = owner === null ? "of no package" : `of ${owner}`;
    return `/${path} (${count === 1 ? "a file" : `${count} files`} ${of})`;
  });
  const rest = found.length > 5 ? ` and ${found.length - 5} more` : "";
  const isLocal = found.every(({ path }) => /^var\/(?:opt|usrlocal)(?:\/|$)/.test(path));
  return new Failure(
    "usage",
    "unclassified-var-path",
    `Nobody has said what becomes of ${named.join(", ")}${rest}: hosts get an image's /var at installation only`,
    {
      hint: isLocal
        ? 'Set bootc.local to "image" to make /opt and /usr/local the image\'s own.'
        : `Say it in the definition: [bootc.var] "/${first?.path ?? "var/lib/NAME"}" = "seed" (each host gets a copy once), ` +
          '"image" (read-only, updated with the image), "tmpfiles" (directories only) or "discard".',
      details: { paths: files.map(({ path }) => `/${path}`).toSorted() },
    },
  );
}

function byDirectory(files: readonly UnknownFile[], owners: Owners): UnknownDirectory[] {
  const directories = new Map<string, { files: number; owner: string | null }>();
  for (const { path } of files.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    const directory = path.split("/").slice(0, 3).join("/");
    const known = directories.get(directory) ?? { files: 0, owner: null };
    known.files++;
    known.owner ??= ownerOf(path, owners);
    directories.set(directory, known);
  }
  return [...directories].map(([path, { files: count, owner }]) => ({ path, files: count, owner }));
}

/** The package of a file or, when a script made it, of the nearest directory below /var/lib and the like that has one. */
function ownerOf(path: string, owners: Owners): string | null {
  const parts = pathBeforeLinks(path).split("/");
  for (let length = parts.length; length >= 3; length--) {
    const owner = owners.get(parts.slice(0, length).join("/"))?.name;
    if (owner !== undefined) return owner;
  }
  return null;
}
