import { hexOf, keyOf } from "../base/digest.ts";
import type { Repository } from "../debian/repository.ts";
import { isLocal } from "../store/local-file.ts";

/** Repositories by where they are: to be asked for over the network, or on this machine's disk. */
export interface SplitRepositories {
  readonly remote: readonly Repository[];
  readonly local: readonly Repository[];
}

/** Tells those on this machine from the others; one that is in both places counts as two. */
export function splitRepositories(repositories: readonly Repository[]): SplitRepositories {
  const some = (wanted: (uri: string) => boolean) =>
    repositories
      .map((each) => ({ ...each, uris: each.uris.filter(wanted) }))
      .filter(({ uris }) => uris.length > 0);
  return { remote: some((uri) => !isLocal(uri)), local: some(isLocal) };
}

/** A directory of ours in containers, in which indices of this machine's repositories lie. */
export const insideDirectory = "/var/lib/debkiln";

/** What apt in a container calls such a repository. As `copy:`, so that it takes the indices to its own lists. */
export function uriInside(uri: string): string {
  return `copy:${insideDirectory}/${nameInside(uri)}`;
}

/** The name of its directory in there. */
export function nameInside(uri: string): string {
  return hexOf(keyOf({ uri: trimmed(uri) })).slice(0, 16);
}

/** An address that apt printed, as this machine has it. */
export function uriOutside(uri: string, repositories: readonly Repository[]): string {
  for (const each of splitRepositories(repositories).local.flatMap(({ uris }) => uris)) {
    const inside = `${uriInside(each)}/`;
    if (uri.startsWith(inside)) return `${trimmed(each)}/${uri.slice(inside.length)}`;
  }
  return uri;
}

function trimmed(uri: string): string {
  return uri.replace(/\/+$/, "");
}
