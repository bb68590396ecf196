import { type TreeView, TreeView as View, subtree } from "../../tree/view.ts";

/** What an image's own bootc says that a root has, kept in the image; checked as the root is. */
const reference = "usr/share/doc/bootc/baseimage/base";

/** The roots that the rules of base images are about: the image's, and the reference that it carries if it does. */
export function baseImageRoots(view: TreeView): readonly TreeView[] {
  const directory = view.stat(reference);
  return directory?.type === "directory" ? [view, new View(subtree(view.tree, directory.path))] : [view];
}
