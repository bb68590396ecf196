import { Failure } from "../../base/failure.ts";
import { compareBytes } from "../../oci/raw-text.ts";
import { parentOf } from "../tree/entry.ts";
import { nameOf } from "../tree/path.ts";
import type { Tree, TreeFile } from "../tree/tree.ts";
import type { Changes } from "./changes.ts";
import type { Facts, FileContent, FinishOptions, Owners } from "./options.ts";

const modules = "usr/lib/modules";

/**
 * Puts the one kernel where bootc looks for it, with its configuration beside it, and empties /boot: hosts have a /boot of
 * their own. Up to trixie, the kernel is in /boot alone; from forky on, packages ship it in /usr/lib/modules and their
 * hooks make further names of it in /boot.
 * @throws Failure no-kernel, two-kernels (usage).
 */
export function takeKernel(changes: Changes, _: FinishOptions, { owners }: Facts): void {
  const version = kernelVersion(changes.tree, owners);
  const home = `${modules}/${version}`;
  if (changes.get(`${home}/vmlinuz`) === undefined) {
    changes.move(`boot/vmlinuz-${version}`, `${home}/vmlinuz`);
    changes.note("moved", `${home}/vmlinuz`, "the kernel is where bootc looks for it");
  }
  if (changes.get(`${home}/config`) === undefined) changes.move(`boot/config-${version}`, `${home}/config`);
  for (const link of ["vmlinuz", "initrd.img", "vmlinuz.old", "initrd.img.old"])
    changes.drop(link, "the kernel is not in /boot");
  changes.directory("boot");
  for (const { path } of changes.children("boot")) changes.drop(path, "hosts have a /boot of their own");
}

/** The tree with the initramfs beside its kernel, sorted by path as bytes. @throws Failure no-kernel, two-kernels (usage). */
export function placeInitramfs(
  tree: Tree,
  initramfs: FileContent,
  options: Pick<FinishOptions, "epoch">,
): Tree {
  const entry = initramfsEntry(kernelVersion(tree), initramfs, options);
  const all = [...new Map(tree).set(entry.path, entry)];
  return new Map(all.toSorted(([a], [b]) => compareBytes(a, b)));
}

/**
 * The version of the one kernel that a tree has, in /boot or in its place already.
 * @throws Failure no-kernel, two-kernels (usage).
 */
export function kernelVersion(tree: Tree, owners?: Owners): string {
  const kernels = new Map<string, string>();
  for (const entry of tree.values()) {
    const version = entry.type === "file" || entry.type === "link" ? versionOf(entry.path) : null;
    if (version !== null) kernels.set(version, entry.path);
  }
  const [version, second] = [...kernels.keys()].toSorted();
  if (version === undefined) {
    throw new Failure("usage", "no-kernel", "The packages of the image have no kernel", {
      hint: "Set customizations.kernel.name to `generic` or `cloud`, or add a linux-image package.",
    });
  }
  if (second === undefined) return version;
  const from = kernels.entries().map(([each, path]) => {
    const owner = owners?.get(path);
    return owner === undefined ? each : `${each} (${owner.name})`;
  });
  throw new Failure(
    "usage",
    "two-kernels",
    `The image has more than one kernel: ${[...from].toSorted().join(", ")}`,
    {
      hint: "bootc takes exactly one: leave all but one linux-image package out of the definition.",
      details: { versions: [...kernels.keys()].toSorted() },
    },
  );
}

function versionOf(path: string): string | null {
  const directory = parentOf(path);
  if (directory === "boot") return /^vmlinuz-(.+)$/.exec(nameOf(path))?.[1] ?? null;
  return parentOf(directory) === modules && nameOf(path) === "vmlinuz" ? nameOf(directory) : null;
}

function initramfsEntry(
  version: string,
  { content, sizeBytes, digest }: FileContent,
  { epoch }: Pick<FinishOptions, "epoch">,
): TreeFile {
  const path = `${modules}/${version}/initramfs.img`;
  return {
    path,
    type: "file",
    mode: 0o600,
    uid: 0,
    gid: 0,
    mtime: epoch,
    xattrs: {},
    content,
    sizeBytes,
    digest,
  };
}
