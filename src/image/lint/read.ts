import { malformed } from "../host-files/malformed.ts";
import { readContent } from "../tree/tree.ts";
import type { TreeView } from "../tree/view.ts";

/** Text files of an image that anything reads have at most so many bytes. */
const largestText = 64 << 20;

/** A text file's content, or null when nothing is there. @throws Failure bad-host-file (package) for what is no UTF-8 file. */
export async function readText(view: TreeView, path: string): Promise<string | null> {
  const entry = view.stat(path);
  if (entry === null) {
    if (view.lstat(path) === null) return null;
    throw unreadable(path, "it is a link that leads nowhere");
  }
  if (entry.type === "directory") throw unreadable(path, "it is a directory");
  if (entry.type !== "file") throw unreadable(path, `it is a ${entry.type.replace("-", " ")}`);
  if (entry.sizeBytes > largestText) throw unreadable(path, "it is larger than any such file");
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(await readContent(entry));
  } catch (thrown) {
    if (thrown instanceof TypeError) throw unreadable(path, "it is not UTF-8");
    throw thrown;
  }
}

/** The sorted names in a directory, or null when nothing is there. @throws Failure bad-host-file (package) for what is no directory. */
export function directoryNames(view: TreeView, path: string): readonly string[] | null {
  const entry = view.stat(path);
  if (entry === null && view.lstat(path) === null) return null;
  if (entry?.type === "directory") return view.names(path);
  throw malformed(`Not a directory: ${path}`, `Make /${path} a directory.`);
}

/** The files of a directory whose names end in `.conf` or the like, sorted by name, with their texts. @throws Failure as `readText`. */
export async function readDropIns(
  view: TreeView,
  directory: string,
  extension: string,
): Promise<readonly (readonly [name: string, text: string])[]> {
  const names = (directoryNames(view, directory) ?? []).filter(
    (name) => name.endsWith(extension) && name.length > extension.length,
  );
  const read = async (name: string) => [name, (await readText(view, `${directory}/${name}`)) ?? ""] as const;
  return await Promise.all(names.map(read));
}

/** A name for a new file `BASE.conf` of a directory: where that is taken, `BASE-2.conf` and so on. */
export function freeName(view: TreeView, base: string): string {
  const numbers = Array.from({ length: 1000 }, (_, index) => (index === 0 ? "" : `-${index + 1}`));
  const path = numbers.map((number) => `${base}${number}.conf`).find((name) => view.lstat(name) === null);
  return view.resolve(path ?? `${base}.conf`) ?? `${base}.conf`;
}

function unreadable(path: string, reason: string): Error {
  return malformed(`Cannot read ${path}: ${reason}`, `Mend or remove /${path}.`);
}
