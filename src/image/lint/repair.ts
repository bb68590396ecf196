/**
 * One step of mending a root filesystem. Paths are as the tree has them: no link in their parents, so that nothing outside
 * the root is ever touched.
 */
export type Repair =
  /** Takes away what is there, with all that is in it. */
  | { readonly do: "remove"; readonly path: string }
  /** Makes a directory, parents included, where none is. Of root, mode in octal as for chmod(2). */
  | { readonly do: "directory"; readonly path: string; readonly mode: number }
  | { readonly do: "symlink"; readonly path: string; readonly target: string }
  | { readonly do: "write"; readonly path: string; readonly mode: number; readonly text: string }
  /** Moves a directory or file to where nothing is. */
  | { readonly do: "move"; readonly path: string; readonly to: string }
  /** Sets a label of the image's configuration. */
  | { readonly do: "label"; readonly name: string; readonly value: string };
