import type { TreeView } from "../tree/view.ts";
import { readText } from "./read.ts";

/** Where the database lies in images, outside of /var, which updates never reach. */
export const dpkgHome = "usr/lib/sysimage/dpkg";
/** Where dpkg and everything else looks for it. */
export const dpkgDirectory = "var/lib/dpkg";

/** The directory of dpkg's database, or null when there is none. */
export function dpkgDatabase(view: TreeView): string | null {
  return [dpkgDirectory, dpkgHome].find((path) => view.stat(`${path}/status`)?.type === "file") ?? null;
}

/** Which of the paths packages have brought, each with its package's name, by dpkg's lists of files. */
export async function ownersOf(
  view: TreeView,
  paths: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const owners = new Map<string, string>();
  const database = dpkgDatabase(view);
  if (database === null || paths.length === 0) return owners;
  const wanted = new Map(paths.flatMap((path) => namesOf(path).map((name) => [name, path])));
  const lists = view.names(`${database}/info`).filter((name) => name.endsWith(".list"));
  for (const list of lists) {
    const text = (await readText(view, `${database}/info/${list}`)) ?? "";
    for (const line of text.split("\n")) {
      const path = wanted.get(line);
      if (path !== undefined) owners.set(path, list.slice(0, -".list".length));
    }
  }
  return owners;
}

/** As a list may have the path: before the merge of /usr there was no /usr in some. */
function namesOf(path: string): readonly string[] {
  const beforeMerge = /^usr\/((?:bin|sbin|lib\w*)\/.*)$/s.exec(path)?.[1];
  return [`/${path}`, ...(beforeMerge === undefined ? [] : [`/${beforeMerge}`])];
}
