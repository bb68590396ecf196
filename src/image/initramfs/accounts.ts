import type { Container } from "../../engine/engine.ts";
import { type TarEntry, packTar } from "../../oci/tar.ts";
import { readContent, type Tree } from "../tree/tree.ts";

/**
 * Gives a container the ids that accounts have in the image. dracut copies those of system services into the initramfs
 * (90systemd-networkd and others, by `grep` in /etc/passwd), and which ids they got in the container depends on the order in
 * which packages were installed there. Whose files are whose in the container does not matter any more: all are root's in
 * an initramfs.
 */
export async function putAccounts(container: Container, tree: Tree): Promise<void> {
  await container.put("/etc", packTar(await accountEntries(tree)));
}

/** The account files of a tree that say who has which id, as they lie in /etc. */
export async function accountEntries(tree: Tree): Promise<TarEntry[]> {
  const entries: TarEntry[] = [];
  for (const name of ["passwd", "group"]) {
    const entry = tree.get(`etc/${name}`);
    if (entry?.type !== "file") continue;
    const { mode, mtime, sizeBytes } = entry;
    const bytes = await readContent(entry);
    entries.push({
      path: name,
      type: "file",
      mode,
      uid: 0,
      gid: 0,
      mtime,
      size: sizeBytes,
      content: () => bytes,
    });
  }
  return entries;
}
