import type { Changes } from "./changes.ts";
import { rewrite, sortedLines } from "./package-database.ts";

/** Files outside dpkg's database whose lines stand in the order in which packages were installed, which means nothing. */
export const orderless: Readonly<Record<string, (text: string) => string>> = {
  "etc/shells": afterComments,
  "var/lib/ucf/hashfile": sortedLines,
  "var/lib/ucf/registry": sortedLines,
  // mkconf says when it wrote the file.
  "etc/mdadm/mdadm.conf": (text) => text.replace(/^# This configuration was auto-generated on .*\n/m, ""),
};

/** Brings files that tell of the installation's order or time into a form that does not. */
export function settleOrder(changes: Changes): void {
  for (const [path, how] of Object.entries(orderless)) rewrite(changes, path, how);
}

function afterComments(text: string): string {
  const lines = text.split("\n");
  const first = lines.findIndex((line) => !line.startsWith("#"));
  const comments = lines.slice(0, first).map((line) => `${line}\n`);
  return comments.join("") + sortedLines(lines.slice(first).join("\n"));
}
