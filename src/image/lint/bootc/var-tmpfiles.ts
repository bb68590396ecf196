import { parseAccounts } from "../../host-files/accounts.ts";
import { malformed } from "../../host-files/malformed.ts";
import { escapeTmpfilesPath } from "../../host-files/tmpfiles.ts";
import type { TreeDirectory, TreeSymlink } from "../../tree/tree.ts";
import type { TreeView } from "../../tree/view.ts";
import { type Lint, complaintOf } from "../lint.ts";
import { quotedPath } from "../quote.ts";
import { readText } from "../read.ts";
import { tmpfilesLines } from "../tmpfiles-lines.ts";

const addition = "usr/lib/tmpfiles.d/zz-debkiln-var.conf";

/** What an image has in /var arrives with the first installation and never again; tmpfiles.d makes it at each boot. */
export const varTmpfiles: Lint = {
  name: "var-tmpfiles",
  type: "warning",
  origin: "bootc",
  rootType: "Running",
  description:
    "Everything in /var is made by a line of tmpfiles.d, in /usr/lib or /etc, and is no plain file.",
  hint:
    "Declare directories and links in a file of /usr/lib/tmpfiles.d, and remove them. A plain file belongs into /usr, " +
    "with a link, or into /usr/share/factory with a C line.",
  check: async ({ view }) => {
    const declared = await declaredPlaces(view);
    const undeclared = [...view.below("var")].filter(({ path }) => !declared.has(path));
    const users = await names(view, "passwd");
    const groups = await names(view, "group");
    const lines = undeclared
      .filter((entry) => entry.type === "directory" || entry.type === "symlink")
      .map((entry) => lineFor(entry, users, groups))
      .toSorted();
    const others = undeclared.filter(({ type }) => type !== "directory" && type !== "symlink");
    const text = lines.map((line) => `${line}\n`).join("");
    const isFree = view.lstat(addition) === null && lines.length > 0;
    return complaintOf(
      [
        { header: "Found content in /var missing systemd tmpfiles.d entries", items: lines },
        {
          header: "Found non-directory/non-symlink files in /var",
          items: others.map(({ path }) => quotedPath(path)),
        },
      ],
      isFree
        ? { repairs: [{ do: "write", path: view.resolve(addition) ?? addition, mode: 0o644, text }] }
        : {},
    );
  },
};

/** Where the declared paths are in the tree: `/root/.ssh` of a line is `var/roothome/.ssh` if /root is a link there. */
async function declaredPlaces(view: TreeView): Promise<ReadonlySet<string>> {
  const lines = await tmpfilesLines(view);
  return new Set(lines.map(({ path }) => view.resolve(path)).filter((place) => place !== null));
}

/** Names by number, the first of several. Number 0 is root in any case. */
async function names(view: TreeView, kind: "passwd" | "group"): Promise<ReadonlyMap<number, string>> {
  const accounts = parseAccounts((await readText(view, `etc/${kind}`)) ?? "", kind);
  return new Map([[0, "root"], ...accounts.toReversed().map(({ id, name }) => [id, name] as const)]);
}

function lineFor(
  entry: TreeDirectory | TreeSymlink,
  users: ReadonlyMap<number, string>,
  groups: ReadonlyMap<number, string>,
): string {
  const user = users.get(entry.uid);
  if (user === undefined) throw unknownOwner("User", entry.uid, entry.path);
  const group = groups.get(entry.gid);
  if (group === undefined) throw unknownOwner("Group", entry.gid, entry.path);
  const path = escapeTmpfilesPath(`/${entry.path}`);
  if (entry.type === "symlink") return `L ${path} - - - - ${escapeTmpfilesPath(entry.target)}`;
  return `d ${path} ${entry.mode.toString(8).padStart(4, "0")} ${user} ${group} - -`;
}

function unknownOwner(kind: "User" | "Group", id: number, path: string): Error {
  return malformed(
    `${kind} not found for id ${id}`,
    `/${path} belongs to ${kind.toLowerCase()} ${id}, which has no name in the image: give it one, or give the path to another.`,
  );
}
