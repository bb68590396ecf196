import { linesOf } from "../../host-files/malformed.ts";
import type { TreeView } from "../../tree/view.ts";
import { type Lint, complaintOf } from "../lint.ts";
import { readText } from "../read.ts";

/** An empty field lets anybody in who can reach a login prompt (shadow(5)). */
export const emptyPasswords: Lint = {
  name: "empty-passwords",
  type: "fatal",
  origin: "debkiln",
  description: "Every account has a password, or is locked.",
  hint: "Lock the account: passwd --lock NAME, or a * in its second field. In a definition, give customizations.user a password or a key.",
  check: async ({ view }) => {
    const names = [
      ...(await withoutPassword(view, "etc/shadow")),
      ...(await withoutPassword(view, "etc/passwd")),
    ];
    return complaintOf([{ header: "Found accounts with an empty password", items: [...new Set(names)] }]);
  },
};

async function withoutPassword(view: TreeView, path: string): Promise<readonly string[]> {
  const lines = linesOf((await readText(view, path)) ?? "");
  return lines.flatMap((line) => /^([^#+:-][^:]*)::/.exec(line)?.[1] ?? []);
}
