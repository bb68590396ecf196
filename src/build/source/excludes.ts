import dockerignore from "@balena/dockerignore";
import { Failure } from "../../base/failure.ts";
import { readInside } from "./read-inside.ts";

/** Says of paths in a source tree whether they are left out of what is sent. */
export interface Excludes {
  excludes(path: string): boolean;
  /** Whether something in an excluded directory may yet be wanted, by a line that begins with `!`. */
  readonly mayReinclude: boolean;
}

const fileName = ".debkilnignore";
/** They are about the building, and in a tree of upstream's dpkg-source would take them for changes to it. */
export const aboutBuilding: ReadonlySet<string> = new Set([fileName, ".debkiln.toml"]);

/**
 * Reads `.debkilnignore` of a tree's top directory; its syntax is that of .dockerignore.
 * @throws Failure ignore-excludes-debian (usage).
 */
export async function readExcludes(directory: string): Promise<Excludes> {
  const text = (await readInside(directory, fileName, 64 * 1024)) ?? "";
  const rules = dockerignore.default({ ignorecase: false }).add(text);
  for (const needed of ["debian/control", "debian/changelog", "debian/rules"]) {
    if (rules.ignores(needed)) throw excludesDebian(needed);
  }
  return {
    excludes: (path) => aboutBuilding.has(path) || rules.ignores(path),
    mayReinclude: /^\s*!/m.test(text),
  };
}

/** Whether a path's last part belongs to a version control system, by the names dpkg-source(1) -I leaves out. */
export function isVersionControl(path: string): boolean {
  return versionControl.has(path.slice(path.lastIndexOf("/") + 1));
}

/** `.git` is a file in work trees and submodules. */
const versionControl: ReadonlySet<string> = new Set([
  ".git",
  ".svn",
  ".hg",
  ".bzr",
  ".bzr.backup",
  ".bzr.tags",
  ".shelf",
  ".be",
  "CVS",
  "RCS",
  "_darcs",
  "_MTN",
  ".arch-ids",
  "{arch}",
]);

function excludesDebian(path: string): Failure {
  return new Failure(
    "usage",
    "ignore-excludes-debian",
    `${fileName} excludes ${path}, without which nothing can be built`,
    {
      hint: `Take the pattern out, or add a line !${path} below it.`,
    },
  );
}
