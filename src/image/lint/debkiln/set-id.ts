import type { TreeFile } from "../../tree/tree.ts";
import type { TreeView } from "../../tree/view.ts";
import { dpkgDatabase, ownersOf } from "../dpkg.ts";
import { isKnownSetId } from "../known-privileges.ts";
import { type Lint, complaintOf } from "../lint.ts";
import { quotedPath } from "../quote.ts";
import { readText } from "../read.ts";

const setIdBits = 0o6000;

/** A set-uid program that nobody knows of is how a system is broken into, or a mode that got lost somewhere. */
export const setId: Lint = {
  name: "set-id",
  type: "warning",
  origin: "debkiln",
  description:
    "No program is set-uid or set-gid but those of Debian's packages and those that dpkg-statoverride names.",
  hint:
    "Take the bit away (chmod u-s,g-s), or say that it is wanted: dpkg-statoverride --add USER GROUP MODE PATH when the " +
    "image is made.",
  check: async ({ view, intended }) => {
    const overridden = await overriddenPaths(view);
    const found = [...view.below(".")].filter(
      (entry): entry is TreeFile =>
        entry.type === "file" && (entry.mode & setIdBits) !== 0 && (entry.mode & 0o111) !== 0,
    );
    const unknown = found.filter(
      ({ path }) => !isKnownSetId(path) && !overridden.has(path) && !intended.setId.includes(path),
    );
    const owners = await ownersOf(
      view,
      unknown.map(({ path }) => path),
    );
    const items = unknown.map((file) => itemFor(file, owners.get(file.path)));
    return complaintOf([{ header: "Found unknown set-uid or set-gid programs", items }]);
  },
};

function itemFor({ path, mode, uid, gid }: TreeFile, owner: string | undefined): string {
  const origin = owner === undefined ? "of no package" : `of the package ${owner}`;
  return `${quotedPath(`/${path}`)} (${mode.toString(8)} ${uid}:${gid}, ${origin})`;
}

/** Paths to which the administrator gave modes of their own: lines of user, group, mode and path (dpkg-statoverride(1)). */
async function overriddenPaths(view: TreeView): Promise<ReadonlySet<string>> {
  const database = dpkgDatabase(view);
  const text = database === null ? null : await readText(view, `${database}/statoverride`);
  const paths = (text ?? "").split("\n").map((line) => /^\S+ \S+ \S+ \/(.+)$/.exec(line)?.[1]);
  return new Set(paths.flatMap((path) => (path === undefined ? [] : (view.resolve(path) ?? []))));
}
