import type { Account } from "./accounts.ts";
import { linesOf, malformed } from "./malformed.ts";

/**
 * The users and groups that sysusers.d files declare, by name, with the ids that they ask for as written (`-` for any). A
 * user declares a group of its name, too.
 */
export interface Declared {
  readonly users: ReadonlyMap<string, string>;
  readonly groups: ReadonlyMap<string, string>;
}

/**
 * What files in the form of sysusers.d(5) declare, read as strictly as bootc reads them (crates/sysusers): lines of other
 * types than `u`, `u!`, `g` and `r` are passed over, a line of white space only is an error.
 * @throws Failure bad-host-file (package).
 */
export function parseSysusers(files: Iterable<readonly [name: string, text: string]>): Declared {
  const users = new Map<string, string>();
  const groups = new Map<string, string>();
  for (const [file, text] of files) {
    for (const line of linesOf(text)) {
      if (line === "" || line.startsWith("#")) continue;
      const entry = declarationOf(line, file);
      if (entry === null) continue;
      if (entry.type === "user" && !users.has(entry.name)) users.set(entry.name, entry.id);
      // The group of a user has whatever id the user gets, unless a line of its own says otherwise.
      if (entry.type === "group" || !groups.has(entry.name)) groups.set(entry.name, entry.id);
    }
  }
  return { users, groups };
}

/** A line that declares a group with the id that it has. */
export function groupLine({ name, id }: Account): string {
  return `g ${name} ${id}\n`;
}

/** A line that declares a user with the ids, comment, home and shell that it has. */
export function userLine({ name, id, fields }: Account, groups: readonly Account[]): string {
  const [, , , gid = "", comment = "", home = "", shell = ""] = fields;
  const group = groups.find((each) => each.id === Number(gid));
  const ids = group === undefined || group.name === name ? `${id}:${gid}` : `${id}:${group.name}`;
  return `u ${name} ${ids} "${comment.replaceAll('"', "")}" ${home || "-"} ${shell || "-"}\n`;
}

interface Declaration {
  readonly type: "user" | "group";
  readonly name: string;
  readonly id: string;
}

function declarationOf(line: string, file: string): Declaration | null {
  const bad = () =>
    malformed(
      `Failed to parse sysusers entry from ${file}: Failed to parse sysusers entry: ${line}`,
      `Mend or remove this line of ${file}; sysusers.d(5) has the form. A line of white space only is an error, too.`,
    );
  const tokens = tokensOf(line);
  const [type, name, id] = tokens;
  if (type === undefined) throw bad();
  switch (type) {
    case "u":
    case "u!":
      if (name === undefined || !isUserId(id)) throw bad();
      return { type: "user", name, id: id ?? "-" };
    case "g":
      if (name === undefined || !isIdOrPath(id)) throw bad();
      return { type: "group", name, id: id ?? "-" };
    case "r":
      if (!/^\d+-\d+$/.test(id ?? "")) throw bad();
      return null;
    default:
      return null;
  }
}

/** Words, of which a quoted one may hold white space. An empty or unclosed one ends the line. */
function tokensOf(line: string): string[] {
  const tokens: string[] = [];
  let rest = line.trimStart();
  while (rest !== "") {
    const match = rest.startsWith('"') ? /^"([^"]*)"/.exec(rest) : /^(\S+)/.exec(rest);
    if (match?.[1] === undefined || match[1] === "") return tokens;
    tokens.push(match[1]);
    rest = rest.slice(match[0].length).trimStart();
  }
  return tokens;
}

/** `UID`, `UID:GID`, `UID:GROUP`, `-:GID`, a path, or none. */
function isUserId(id: string | undefined): boolean {
  if (id === undefined || id === "-") return true;
  const colon = id.indexOf(":");
  const [uid, gid] = colon === -1 ? [id, id] : [id.slice(0, colon), id.slice(colon + 1)];
  const isGroup = gid.startsWith("/") || !/^\d*$/.test(gid) || isNumber(gid);
  return isIdOrPath(uid) && isGroup;
}

function isIdOrPath(id: string | undefined): boolean {
  return id === undefined || id === "-" || id.startsWith("/") || isNumber(id);
}

function isNumber(text: string): boolean {
  return /^\d{1,10}$/.test(text) && Number(text) < 2 ** 32;
}
