import { parseAccounts } from "../../host-files/accounts.ts";
import { malformed } from "../../host-files/malformed.ts";
import { escapeTmpfilesPath } from "../../host-files/tmpfiles.ts";
import type { TreeDirectory, TreeEntry, TreeSymlink } from "../../tree/tree.ts";
import type { TreeView } from "../../tree/view.ts";
import { type Lint, complaintOf } from "../lint.ts";
import { quotedPath } from "../quote.ts";
import { freeName, readText } from "../read.ts";
import { tmpfilesLines } from "../tmpfiles-lines.ts";

const addition = "usr/lib/tmpfiles.d/zz-debkiln-var";

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
    const [users, groups] = [await names(view, "passwd"), await names(view, "group")];
    const kept = undeclared
      .filter((entry) => entry.type === "directory" || entry.type === "symlink")
      .map((entry) => ({ entry, user: nameOf(entry, "User", users), group: nameOf(entry, "Group", groups) }));
    const others = undeclared.filter(({ type }) => type !== "directory" && type !== "symlink");
    const text = kept.map((each) => `${lineFor(each, String)}\n`).join("");
    return complaintOf(
      [
        {
          header: "Found content in /var missing systemd tmpfiles.d entries",
          items: kept.map((each) => lineFor(each, inRun)).toSorted(),
        },
        {
          header: "Found non-directory/non-symlink files in /var",
          items: others.map(({ path }) => quotedPath(path)),
        },
      ],
      text === "" ? {} : { repairs: [{ do: "write", path: freeName(view, addition), mode: 0o644, text }] },
    );
  },
};

interface Kept {
  readonly entry: TreeDirectory | TreeSymlink;
  readonly user: string;
  readonly group: string;
}

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

function nameOf(
  { uid, gid, path }: TreeEntry,
  kind: "User" | "Group",
  names: ReadonlyMap<number, string>,
): string {
  const id = kind === "User" ? uid : gid;
  const name = names.get(id);
  if (name !== undefined) return name;
  throw malformed(
    `${kind} not found for id ${id}`,
    `/${path} belongs to ${kind.toLowerCase()} ${id}, which has no name in the image: give it one, or give the path to another.`,
  );
}

/** The line that declares it. bootc tells lines with paths `inRun`, with which /var/run itself would not be declared. */
function lineFor({ entry, user, group }: Kept, written: (path: string) => string): string {
  const path = escapeTmpfilesPath(written(`/${entry.path}`));
  if (entry.type === "symlink") return `L ${path} - - - - ${escapeTmpfilesPath(written(entry.target))}`;
  return `d ${path} ${entry.mode.toString(8).padStart(4, "0")} ${user} ${group} - -`;
}

/** What leads into /var/run as a path in /run, as systemd wants it. */
function inRun(path: string): string {
  return /^\/var\/run(?=\/|$)/.test(path) ? path.slice("/var".length) : path;
}
