import type { TreeView } from "../tree/view.ts";
import { directoryNames } from "./read.ts";

const modules = "usr/lib/modules";
const kernelImages = "boot/EFI/Linux";

/** A kernel that the image could boot. */
export interface Kernel {
  /** As in `uname -r`; of a unified kernel image alone its file's name. */
  readonly version: string;
  /** Whether it lies in usr/lib/modules as bootc wants it, with its modules and initramfs. */
  readonly isPlain: boolean;
  /** Path of the unified kernel image that it is in, or null. */
  readonly unified: string | null;
}

/** Kernel versions that have a vmlinuz, by name. @throws Failure bad-host-file (package) when usr/lib/modules is no directory. */
export function kernelDirectories(view: TreeView): readonly string[] {
  const names = directoryNames(view, modules) ?? [];
  return names.filter(
    (name) =>
      name.isWellFormed() &&
      view.lstat(`${modules}/${name}`)?.type === "directory" &&
      view.stat(`${modules}/${name}/vmlinuz`) !== null,
  );
}

/** All kernels, a unified kernel image counting as the plain kernel of its name. */
export function kernels(view: TreeView): readonly Kernel[] {
  const plain = kernelDirectories(view);
  const unified = view.names(kernelImages).filter((name) => name.endsWith(".efi"));
  const versions = unified.map((name) => name.slice(0, -".efi".length));
  return [...new Set([...plain, ...versions])].map((version) => ({
    version,
    isPlain: plain.includes(version),
    unified: versions.includes(version) ? `${kernelImages}/${version}.efi` : null,
  }));
}
