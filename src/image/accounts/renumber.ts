import { digestOf } from "../../base/digest.ts";
import { type Account, parseAccounts } from "../host-files/accounts.ts";
import { type Tree, type TreeEntry, readContent } from "../tree/tree.ts";
import { stableIds, systemIds } from "./stable-ids.ts";

/**
 * Gives the system accounts that packages made the ids that their names have in every image (`stableIds`), and their files
 * with them. Accounts with static ids, and those in `reserved`, stay.
 * @throws Failure bad-host-file (package).
 */
export async function renumberAccounts(tree: Tree, reserved: Iterable<number>): Promise<Tree> {
  const [passwd, group] = [await readLines(tree, "etc/passwd"), await readLines(tree, "etc/group")];
  const [users, groups] = [parseAccounts(passwd, "passwd"), parseAccounts(group, "group")];
  const [ownUsers, ownGroups] = [users.filter(isOurs), groups.filter(isOurs)];
  const others = [...users, ...groups].filter((each) => !isOurs(each)).map(({ id }) => id);
  const ids = stableIds(
    [...ownUsers, ...ownGroups].map(({ name }) => name),
    new Set([...others, ...reserved]),
  );
  const idOf = ({ name, id }: Account) => ids.get(name) ?? id;
  const uids = new Map(ownUsers.map((each) => [each.id, idOf(each)]));
  const gids = new Map(ownGroups.map((each) => [each.id, idOf(each)]));
  const renumbered = new Map<string, TreeEntry>();
  for (const [path, entry] of tree)
    renumbered.set(path, {
      ...entry,
      uid: uids.get(entry.uid) ?? entry.uid,
      gid: gids.get(entry.gid) ?? entry.gid,
    });
  rewrite(renumbered, "etc/passwd", passwd, (fields) => withIds(withIds(fields, 2, uids), 3, gids));
  rewrite(renumbered, "etc/group", group, (fields) => withIds(fields, 2, gids));
  return renumbered;
}

function isOurs({ id, name }: Account): boolean {
  return id >= systemIds.first && id <= systemIds.last && !statics.has(name);
}

/** In the range of system accounts, but assigned by base-passwd. */
const statics: ReadonlySet<string> = new Set(["users"]);

async function readLines(tree: Tree, path: string): Promise<string> {
  const entry = tree.get(path);
  return entry?.type === "file" ? Buffer.from(await readContent(entry)).toString("utf8") : "";
}

/** The file with each line's fields changed; what is no account stays as it is. */
function rewrite(
  tree: Map<string, TreeEntry>,
  path: string,
  text: string,
  change: (fields: readonly string[]) => readonly string[],
): void {
  const entry = tree.get(path);
  if (entry?.type !== "file") return;
  const lines = text
    .split("\n")
    .map((line) => (/^[#+-]|^$/.test(line) ? line : change(line.split(":")).join(":")));
  const bytes = Buffer.from(lines.join("\n"));
  tree.set(path, {
    ...entry,
    sizeBytes: bytes.length,
    digest: digestOf(bytes),
    content: { from: "bytes", bytes },
  });
}

function withIds(fields: readonly string[], at: number, ids: ReadonlyMap<number, number>): readonly string[] {
  return fields.map((field, index) => (index === at ? String(ids.get(Number(field)) ?? field) : field));
}
