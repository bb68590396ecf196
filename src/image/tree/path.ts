import { Failure } from "../../base/failure.ts";
import { parentOf } from "./entry.ts";
import type { Tree } from "./tree.ts";

/** An entry's own name. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Whether the path is the directory or in it, at any depth. */
export function isWithin(path: string, directory: string): boolean {
  return directory === "." || path === directory || path.startsWith(`${directory}/`);
}

/** As many as Linux follows (path_resolution(7)). */
const longestChain = 40;

/**
 * Where a path leads when the links on its way are followed, but not what it names itself: `lib/x` is `usr/lib/x`, as the
 * tree calls it. Neither need be there.
 * @throws Failure link-loop (package).
 */
export function resolveParents(tree: Tree, path: string): string {
  const parent = resolvePath(tree, parentOf(path));
  return parent === "." ? nameOf(path) : `${parent}/${nameOf(path)}`;
}

/**
 * Where a path leads when all links are followed, the last one too. Nothing leads out of the root.
 * @throws Failure link-loop (package).
 */
export function resolvePath(tree: Tree, path: string): string {
  let left = longestChain;
  const done: string[] = [];
  const todo = partsOf(path);
  for (let part = todo.shift(); part !== undefined; part = todo.shift()) {
    if (part === "..") {
      done.pop();
      continue;
    }
    done.push(part);
    const entry = tree.get(done.join("/"));
    if (entry?.type !== "symlink") continue;
    if (left-- === 0) {
      throw new Failure("package", "link-loop", `/${path} leads through links that never end`, {
        hint: `Look at the link /${entry.path} -> ${entry.target}.`,
      });
    }
    if (entry.target.startsWith("/")) done.length = 0;
    else done.pop();
    todo.unshift(...partsOf(entry.target));
  }
  return done.length === 0 ? "." : done.join("/");
}

function partsOf(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}
