import { isWithin } from "../tree/path.ts";
import { textAt } from "../tree/read.ts";
import type { Tree } from "../tree/tree.ts";
import { type Account, parseAccounts } from "../host-files/accounts.ts";
import { groupLine, parseSysusers, userLine } from "../host-files/sysusers.ts";
import type { Changes } from "./changes.ts";

/** Before the packages' files, so that the ids in it are those that hosts give (systemd-sysusers(8)). */
const fragment = "usr/lib/sysusers.d/00-debkiln.conf";

/**
 * Declares the accounts of the image in sysusers.d(5), with their ids: those that no package declares, and those without a
 * fixed id to whom files of the image belong. A host whose /etc/passwd is no more the image's gets accounts of a later
 * image from there alone, and must give them the ids that the image's files have.
 * @throws Failure bad-host-file (package).
 */
export function declareAccounts(changes: Changes): void {
  const { tree } = changes;
  const users = parseAccounts(textAt(tree, "etc/passwd") ?? "", "passwd");
  const groups = parseAccounts(textAt(tree, "etc/group") ?? "", "group");
  const declared = parseSysusers(sysusersFiles(tree));
  const owning = ownersOf(tree);
  // A group's id is taken for the user of its name as well; a second line for a user would be complained of at each boot.
  const groupOf = new Map(groups.map((group) => [group.name, group]));
  const pinsUser = ({ name, id }: Account) =>
    owning.users.has(id) && isLoose(declared.users.get(name)) && groupOf.get(name)?.id !== id;
  const listedUsers = users.filter((user) => !declared.users.has(user.name) || pinsUser(user));
  const usersByName = new Map(users.map((user) => [user.name, user]));
  const pinsGroup = ({ name, id }: Account) => {
    const user = usersByName.get(name);
    const isOwning = owning.groups.has(id) || (user !== undefined && owning.users.has(user.id));
    return isOwning && isLoose(declared.groups.get(name));
  };
  const listedGroups = groups.filter((group) => !declared.groups.has(group.name) || pinsGroup(group));
  const text = [...listedGroups.map(groupLine), ...listedUsers.map((user) => userLine(user, groups))];
  const members = listedUsers.flatMap(({ name }) => membershipLines(name, groups));
  if (text.length > 0) changes.file(fragment, [header, ...text, ...members].join(""));
}

/** Whether hosts may give any id. */
function isLoose(id: string | undefined): boolean {
  return id === undefined || id.startsWith("-");
}

const header = "# Accounts of the image that no package declares with a fixed id.\n";

function membershipLines(user: string, groups: readonly Account[]): string[] {
  return groups
    .filter(({ fields }) => (fields[3] ?? "").split(",").includes(user))
    .map((group) => `m ${user} ${group.name}\n`);
}

function sysusersFiles(tree: Tree): (readonly [string, string])[] {
  return [...tree.values()]
    .filter(({ path, type }) => type === "file" && /^usr\/lib\/sysusers\.d\/[^/]+\.conf$/.test(path))
    .map(({ path }) => path)
    .toSorted()
    .map((path) => [path, textAt(tree, path) ?? ""] as const);
}

/** The ids that own anything but what hosts make by name. */
function ownersOf(tree: Tree): { readonly users: ReadonlySet<number>; readonly groups: ReadonlySet<number> } {
  const entries = [...tree.values()].filter(({ path }) => !isWithin(path, "var"));
  return {
    users: new Set(entries.map(({ uid }) => uid)),
    groups: new Set(entries.map(({ gid }) => gid)),
  };
}
