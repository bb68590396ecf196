import type { AccountPlan, Notice, PlannedCommand, PlannedEntry } from "../plan.ts";
import type { Blueprint } from "./blueprint.ts";
import { type Part, lines, sorted, textFile, wanted } from "./part.ts";
import { checkAccounts } from "./account-checks.ts";
import type { Definition } from "./read.ts";
import { sshKeyPart } from "./ssh-keys.ts";

type User = Blueprint["customizations"]["user"][number];

/** A user whose ids are settled. */
interface Account extends User {
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

/**
 * Users and groups of the definition. They are declared in sysusers.d(5) with their ids, so that a host on which somebody
 * has changed /etc/passwd gets those of a newer image too; homes are made by tmpfiles.d(5), since /home is in /var.
 * @throws Failure user-without-id, definition-conflict, definition-invalid-value (usage).
 */
export function accountPart(definition: Definition): Part & { readonly accounts: AccountPlan } {
  checkAccounts(definition);
  const { user, group } = definition.blueprint.customizations;
  const users = user.filter(({ name }) => name !== "root").map(settled);
  const groups = group.flatMap(({ name, gid }) => (gid === undefined ? [] : [{ name, gid }]));
  const keys = sshKeyPart(definition);
  const passwords = user.flatMap(({ name, password }) =>
    password === undefined ? [] : [{ name, password }],
  );
  const declared = new Set([...groups, ...users].map(({ name }) => name));
  const memberships = user.flatMap((each) => each.groups.map((name) => ({ user: each.name, name })));
  const text = sysusers(users, groups, memberships);
  return {
    accounts: {
      users: users.map(({ name, uid, gid }) => ({ name, uid, gid })),
      groups,
      requiredGroups: sorted(memberships.map(({ name }) => name)).filter((name) => !declared.has(name)),
    },
    packages: [
      ...(passwords.length === 0 ? [] : wanted("customizations.user", "passwd")),
      ...(keys.packages ?? []),
    ],
    entries: [
      ...(text === "" ? [] : [textFile("/usr/lib/sysusers.d/50-image.conf", text, "customizations.user")]),
      ...homeEntries(users),
      ...credentialEntries(passwords.filter(({ name }) => name !== "root")),
      ...(keys.entries ?? []),
    ],
    commands: commandsOf(text !== "", passwords),
    notices: [...(keys.notices ?? []), ...unreachable(user, definition)],
  };
}

function settled(user: User): Account {
  const uid = user.uid ?? 0;
  return { ...user, uid, gid: user.gid ?? uid, home: user.home ?? `/home/${user.name}` };
}

/** sysusers.d(5): groups before users before memberships, each in order of its name. */
function sysusers(
  users: readonly Account[],
  groups: readonly { readonly name: string; readonly gid: number }[],
  memberships: readonly { readonly user: string; readonly name: string }[],
): string {
  const declaredIds = new Set(groups.map(({ gid }) => gid));
  const own = users.filter(({ uid, gid }) => gid !== uid && !declaredIds.has(gid));
  return lines(
    ...sorted(
      [...groups, ...own.map(({ name, gid }) => ({ name, gid }))].map(({ name, gid }) => `g ${name} ${gid}`),
    ),
    ...sorted(
      users.map(({ name, uid, gid, description, home, shell }) => {
        const id = uid === gid && !declaredIds.has(gid) ? String(uid) : `${uid}:${gid}`;
        return `u ${name} ${id} ${quoted(description ?? "")} ${quoted(home)} ${quoted(shell)}`;
      }),
    ),
    ...sorted(memberships.map((each) => `m ${each.user} ${each.name}`)),
  );
}

/** A field of sysusers.d or tmpfiles.d: `-` for nothing, in quotes otherwise, `%` doubled, since it begins a specifier. */
function quoted(field: string): string {
  if (field === "") return "-";
  const escaped = field.replaceAll("%", "%%");
  return /^[\w./@%+-]+$/.test(escaped) && escaped !== "-"
    ? escaped
    : `"${escaped.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}

/** A home is a copy of /etc/skel where there is none yet; it belongs to the user with all that is in it (tmpfiles.d(5), `C`). */
function homeEntries(users: readonly Account[]): PlannedEntry[] {
  const homes = users.filter(({ home }) => home !== "/nonexistent");
  if (homes.length === 0) return [];
  const text = sorted(
    homes.map(({ home, uid, gid }) => `C ${quoted(underVar(home))} 0700 ${uid} ${gid} - /etc/skel`),
  );
  return [textFile("/usr/lib/tmpfiles.d/50-image-homes.conf", lines(...text), "customizations.user")];
}

function underVar(home: string): string {
  return home.startsWith("/var/") ? home : `/var${home}`;
}

/** Where systemd-sysusers finds the password of an account that it makes on a host, systemd-sysusers(8). */
function credentialEntries(passwords: readonly Password[]): PlannedEntry[] {
  if (passwords.length === 0) return [];
  return [
    textFile(
      "/usr/lib/systemd/system/systemd-sysusers.service.d/50-image.conf",
      lines("[Service]", ...passwords.map(({ name }) => `ImportCredential=${credential(name)}`)),
      "customizations.user",
    ),
    ...passwords.map(({ name, password }) =>
      textFile(`/usr/lib/credstore/${credential(name)}`, password, "customizations.user", { mode: 0o600 }),
    ),
  ];
}

interface Password {
  readonly name: string;
  readonly password: string;
}

function credential(user: string): string {
  return `passwd.hashed-password.${user}`;
}

function commandsOf(declares: boolean, passwords: readonly Password[]): PlannedCommand[] {
  const from = "customizations.user";
  return [
    ...(declares
      ? [{ title: "make the accounts", argv: ["systemd-sysusers", "50-image.conf"], input: null, from }]
      : []),
    ...(passwords.length === 0
      ? []
      : [
          {
            title: "set the passwords",
            argv: ["chpasswd", "--encrypted"],
            input: lines(...passwords.map(({ name, password }) => `${name}:${password}`)),
            from,
          },
        ]),
  ];
}

function unreachable(users: readonly User[], { blueprint }: Definition): Notice[] {
  const keyed = new Set(blueprint.customizations.sshkey.map(({ user }) => user));
  return users
    .filter(({ name, password, key }) => password === undefined && key === undefined && !keyed.has(name))
    .map(({ name }) => ({
      name: "user-without-login",
      message: `The user ${name} has neither a password nor a key, so that nobody can log in as ${name}`,
      hint: "Give password or key, unless other means of login are set up.",
    }));
}
