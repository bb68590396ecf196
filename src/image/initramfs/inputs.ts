import { type Digest, keyOf } from "../../base/digest.ts";
import type { Tree, TreeEntry } from "../tree/tree.ts";
import { TreeView } from "../tree/view.ts";
import type { InitramfsOrder } from "./make.ts";

/** What an initramfs was made of: the digest of each file that was copied into it, by its path in the root filesystem. */
export type Ingredients = Readonly<Record<string, Digest>>;

/**
 * The key of all that decides what dracut chooses: itself, its configuration, the kernel's modules and firmware by their
 * bytes, and programs, units and rules by their names, since modules ask whether those are there. What it copies is not in
 * it: that is `ingredientsOf`.
 */
export function choiceKey(tree: Tree, { version, epoch }: InitramfsOrder): Digest {
  const byBytes = [...contentPlaces, `usr/lib/modules/${version}/`];
  const chosen: unknown[] = [];
  for (const entry of [...tree.values()].toSorted(byPath)) {
    const { path } = entry;
    if (byBytes.some((place) => path.startsWith(place))) chosen.push([path, entry.mode, bytesOf(entry)]);
    else if (namePlaces.some((place) => path.startsWith(place))) chosen.push(path);
  }
  return keyOf({ version, epoch, chosen, recipe });
}

/** The files of the tree that are in an initramfs with the given paths. */
export function ingredientsOf(tree: Tree, members: Iterable<string>): Ingredients {
  const view = new TreeView(tree);
  const found: Record<string, Digest> = {};
  for (const path of [...members].toSorted()) {
    const entry = view.stat(path);
    if (entry?.type === "file") found[path] = entry.digest;
  }
  return found;
}

/** Whether the tree still has all of them, byte for byte. */
export function hasIngredients(tree: Tree, ingredients: Ingredients): boolean {
  const view = new TreeView(tree);
  return Object.entries(ingredients).every(([path, digest]) => {
    const entry = view.stat(path);
    return entry?.type === "file" && entry.digest === digest;
  });
}

/** Raised when the same inputs are to give another initramfs. */
const recipe = 2;

const contentPlaces = [
  "usr/lib/dracut/",
  "etc/dracut.conf",
  "usr/lib/modprobe.d/",
  "etc/modprobe.d/",
  "usr/lib/modules-load.d/",
  "etc/modules-load.d/",
  "usr/lib/firmware/",
  "usr/lib/ostree/",
  "etc/ostree/",
  "usr/lib/bootc/initramfs",
  "usr/lib/kernel/",
  "etc/kernel/",
  "etc/crypttab",
  "etc/fstab",
  "etc/vconsole.conf",
  "etc/locale.conf",
  "usr/lib/os-release",
];

const namePlaces = [
  "usr/bin/",
  "usr/sbin/",
  "usr/lib/systemd/",
  "usr/lib/udev/",
  "etc/udev/",
  "etc/systemd/",
];

function byPath(a: TreeEntry, b: TreeEntry): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}

function bytesOf(entry: TreeEntry): string {
  if (entry.type === "file") return entry.digest;
  return entry.type === "symlink" || entry.type === "link" ? entry.target : entry.type;
}
