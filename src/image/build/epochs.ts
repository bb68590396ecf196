import type { Tree } from "../tree/tree.ts";

const information = "var/lib/dpkg/info/";

/**
 * When the newest package was built, in seconds since the epoch: dpkg keeps a package's checksums with the time that they
 * have in it. The image's SOURCE_DATE_EPOCH: it changes with the packages and nothing else.
 */
export function packagesEpoch(tree: Tree): number {
  let newest = 0;
  for (const [path, entry] of tree)
    if (path.startsWith(information) && path.endsWith(".md5sums")) newest = Math.max(newest, entry.mtime);
  return newest;
}

/** The time that everything in an initramfs has: its kernel's, so that another package's update leaves it as it is. */
export function kernelEpoch(tree: Tree, version: string, fallback: number): number {
  const kernel = tree.get(`usr/lib/modules/${version}/vmlinuz`) ?? tree.get(`boot/vmlinuz-${version}`);
  return kernel?.mtime ?? fallback;
}
