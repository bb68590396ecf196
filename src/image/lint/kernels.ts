import type { TreeView } from "../tree/view.ts";
import { directoryNames } from "./read.ts";

/** Kernel versions that have a vmlinuz, by name. @throws Failure bad-host-file (package) when usr/lib/modules is no directory. */
export function kernelDirectories(view: TreeView): readonly string[] {
  const names = directoryNames(view, "usr/lib/modules") ?? [];
  return names.filter(
    (name) =>
      name.isWellFormed() &&
      view.lstat(`usr/lib/modules/${name}`)?.type === "directory" &&
      view.stat(`usr/lib/modules/${name}/vmlinuz`) !== null,
  );
}

const kernelImages = "boot/EFI/Linux";

/** Unified kernel images that bootc finds in the image, as their paths. */
export function unifiedKernelImages(view: TreeView): readonly string[] {
  return view
    .names(kernelImages)
    .filter((name) => name.endsWith(".efi"))
    .map((name) => `${kernelImages}/${name}`);
}
