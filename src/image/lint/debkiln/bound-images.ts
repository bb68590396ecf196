import type { TreeView } from "../../tree/view.ts";
import { type Lint, complaintOf } from "../lint.ts";
import { readText } from "../read.ts";

const directory = "usr/lib/bootc/bound-images.d";

/** bootc pulls what these name with the image itself; where one is broken, it stops. */
export const boundImages: Lint = {
  name: "bound-images",
  type: "warning",
  origin: "debkiln",
  description:
    "Everything in /usr/lib/bootc/bound-images.d is a link to a Quadlet file, .image or .container, that has Image=.",
  hint: "Link to the Quadlet files; in a definition, [bootc] bound_images does it.",
  check: async ({ view }) => {
    const faults = await Promise.all(view.names(directory).map((name) => faultOf(view, name)));
    return complaintOf([
      { header: "Found bound images that bootc cannot use", items: faults.filter((fault) => fault !== null) },
    ]);
  },
};

async function faultOf(view: TreeView, name: string): Promise<string | null> {
  const path = `${directory}/${name}`;
  const link = view.lstat(path);
  if (link?.type !== "symlink") return `${name}: it is no link`;
  const file = view.stat(path);
  if (file?.type !== "file") return `${name}: it leads to no file, ${link.target}`;
  if (!/\.(?:image|container)$/.test(name)) return `${name}: it ends neither in .image nor in .container`;
  const image = /^[ \t]*Image[ \t]*=[ \t]*(\S.*)$/m.exec((await readText(view, path)) ?? "")?.[1];
  if (image === undefined) return `${name}: it has no Image=`;
  return image.includes("%") ? `${name}: its Image= has a specifier, ${image}` : null;
}
