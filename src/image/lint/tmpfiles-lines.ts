import { type TmpfilesLine, parseTmpfiles } from "../host-files/tmpfiles.ts";
import type { TreeView } from "../tree/view.ts";
import { readDropIns } from "./read.ts";

/** All lines of tmpfiles.d in the image, the distribution's and the machine's. @throws Failure bad-host-file (package). */
export async function tmpfilesLines(view: TreeView): Promise<readonly TmpfilesLine[]> {
  const directories = ["usr/lib/tmpfiles.d", "etc/tmpfiles.d"];
  const files = await Promise.all(directories.map((directory) => readDropIns(view, directory, ".conf")));
  return files.flat().flatMap(([, text]) => parseTmpfiles(text));
}
