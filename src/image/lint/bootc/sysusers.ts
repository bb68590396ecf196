import { asFailure } from "../../../base/failure.ts";
import { type Account, parseAccounts } from "../../host-files/accounts.ts";
import { malformed } from "../../host-files/malformed.ts";
import { groupLine, parseSysusers, userLine } from "../../host-files/sysusers.ts";
import type { TreeView } from "../../tree/view.ts";
import { type Lint, complaintOf } from "../lint.ts";
import { freeName, readDropIns, readText } from "../read.ts";

/** Where the lines go that declare what was not declared: after all others, which win. */
const addition = "usr/lib/sysusers.d/zz-debkiln";

/** /etc is the machine's own: accounts that an update brings arrive there only through sysusers.d. */
export const sysusers: Lint = {
  name: "sysusers",
  type: "warning",
  origin: "bootc",
  description: "Every name in /etc/passwd and /etc/group is declared in /usr/lib/sysusers.d.",
  hint: `Declare them in a file of /usr/lib/sysusers.d, with the numbers that they have: g NAME GID, u NAME UID "COMMENT" HOME SHELL.`,
  check: async ({ view }) => {
    const users = await accounts(view, "passwd");
    if (users === null) return null;
    const groups = await accounts(view, "group");
    if (groups === null)
      throw malformed(
        "Failed to load etc/group: No such file or directory (os error 2)",
        "Add /etc/group: there is an /etc/passwd.",
      );
    const declared = parseSysusers(await readDropIns(view, "usr/lib/sysusers.d", ".conf"));
    const missingUsers = sortedByName(users.filter(({ name }) => !declared.users.has(name)));
    const missingGroups = sortedByName(groups.filter(({ name }) => !declared.groups.has(name)));
    const text = [
      ...missingGroups.map(groupLine),
      ...missingUsers.map((user) => userLine(user, groups)),
    ].join("");
    return complaintOf(
      [
        {
          header: "Found /etc/passwd entry without corresponding systemd sysusers.d",
          items: missingUsers.map(({ name }) => name),
        },
        {
          header: "Found /etc/group entry without corresponding systemd sysusers.d",
          items: missingGroups.map(({ name }) => name),
        },
      ],
      { repairs: [{ do: "write", path: freeName(view, addition), mode: 0o644, text }] },
    );
  },
};

async function accounts(view: TreeView, kind: "passwd" | "group"): Promise<readonly Account[] | null> {
  try {
    const text = await readText(view, `etc/${kind}`);
    return text === null ? null : parseAccounts(text, kind);
  } catch (thrown) {
    const { message, hint = "" } = asFailure(thrown);
    throw malformed(`Failed to load etc/${kind}: ${message}`, hint);
  }
}

/** Each name once, the last account of that name. */
function sortedByName(list: readonly Account[]): readonly Account[] {
  const byName = new Map(list.map((account) => [account.name, account]));
  return [...byName.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
