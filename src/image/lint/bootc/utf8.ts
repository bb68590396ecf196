import type { Lint } from "../lint.ts";
import { debugName, quotedPath } from "../quote.ts";
import { parentOf } from "../../tree/entry.ts";

/** ostree takes UTF-8 names only (bootc#975). */
export const utf8: Lint = {
  name: "utf8",
  type: "fatal",
  origin: "bootc",
  isRecursive: true,
  description: "All file names and link targets are UTF-8.",
  hint: "Rename the file. What a package brings in other encodings can be left out with a path exclude.",
  check: ({ view }) => {
    for (const entry of view.below(".")) {
      if (!entry.path.isWellFormed()) {
        const parent = parentOf(entry.path);
        const directory = parent === "." ? "/" : `/${parent}`;
        const name = entry.path.slice(entry.path.lastIndexOf("/") + 1);
        return { message: `${quotedPath(directory)}: Found non-utf8 filename ${debugName(name)}` };
      }
      if (entry.type === "symlink" && !entry.target.isWellFormed())
        return { message: `${quotedPath(`/${entry.path}`)}: Found non-utf8 symlink target` };
    }
    return null;
  },
};
