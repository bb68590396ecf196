import { linesOf, malformed } from "./malformed.ts";

/** A line of /etc/passwd or /etc/group, as far as images are concerned (passwd(5), group(5)). */
export interface Account {
  readonly name: string;
  readonly id: number;
  /** All fields as they are written. */
  readonly fields: readonly string[];
}

const fieldCounts = { passwd: 7, group: 4 };

/**
 * The accounts of a passwd or group file; empty lines, comments and NSS compat lines (nsswitch.conf(5)) left out.
 * @throws Failure bad-host-file (package).
 */
export function parseAccounts(text: string, kind: "passwd" | "group"): readonly Account[] {
  return linesOf(text).flatMap((line, index) =>
    line === "" || /^[#+-]/.test(line) ? [] : [accountOf(line, index, kind)],
  );
}

function accountOf(line: string, index: number, kind: "passwd" | "group"): Account {
  const fields = line.split(":");
  const [name = "", , id = "", gid = ""] = fields;
  const isWhole = fields.length >= fieldCounts[kind] && isId(id) && (kind === "group" || isId(gid));
  if (!isWhole)
    throw malformed(
      `failed to parse ${kind} entry at line ${index}, content: ${line}`,
      `Mend line ${index + 1} of /etc/${kind}; ${kind}(5) has its form.`,
    );
  return { name, id: Number(id), fields };
}

function isId(text: string): boolean {
  return /^\d{1,10}$/.test(text) && Number(text) < 2 ** 32;
}
