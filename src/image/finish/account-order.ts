import { builder } from "../../environment/builder.ts";
import { linesOf } from "../host-files/malformed.ts";
import { textAt } from "../tree/read.ts";
import type { Changes } from "./changes.ts";
import type { FinishOptions } from "./options.ts";
import { rewrite } from "./package-database.ts";

/** Seconds of a day, in which shadow(5) counts. */
const day = 86400;

/**
 * Brings the account files into an order that depends on the accounts alone, by id as `pwck -s` and `grpck -s` do, and
 * says of all passwords that they were last changed at the epoch (shadow(5)). The account that builds packages goes, if
 * the root filesystem was made from a base that has it.
 */
export function settleAccounts(changes: Changes, options: FinishOptions): void {
  removeBuilder(changes);
  rewrite(changes, "etc/passwd", byId);
  rewrite(changes, "etc/group", (text) => byId(text).replace(/^.*$/gm, withSortedMembers));
  const lastChange = String(Math.floor(options.epoch / day));
  rewrite(changes, "etc/shadow", (text) => {
    const lines = inOrderOf(text, namesIn(changes, "etc/passwd"));
    return joined(lines.map((line) => changedAt(line, lastChange)));
  });
  rewrite(changes, "etc/gshadow", (text) =>
    joined(inOrderOf(text, namesIn(changes, "etc/group")).map(withSortedMembers)),
  );
}

function removeBuilder(changes: Changes): void {
  const { name, uid, gid, home } = builder;
  const line = new RegExp(`^${name}:x:${uid}:${gid}:[^:\\n]*:${home}:`, "m");
  if (!line.test(textAt(changes.tree, "etc/passwd") ?? "")) return;
  for (const file of ["etc/passwd", "etc/group", "etc/shadow", "etc/gshadow"])
    rewrite(changes, file, (text) => joined(linesOf(text).filter((each) => nameIn(each) !== name)));
  changes.note("dropped", "etc/passwd", `the account ${name}, which builds packages`);
  changes.drop("build", "where packages are built");
}

/** Accounts by id, those of one id in the order in which they are looked up; comments first, NSS lines (+, -) last. */
function byId(text: string): string {
  const lines = linesOf(text).filter((line) => line !== "");
  return joined(lines.toSorted((a, b) => (idIn(a) === idIn(b) ? 0 : idIn(a) - idIn(b))));
}

function idIn(line: string): number {
  if (line.startsWith("#")) return -1;
  return /^[+-]/.test(line) ? Infinity : Number(line.split(":")[2]);
}

function inOrderOf(text: string, names: readonly string[]): string[] {
  const place = new Map(names.map((name, index) => [name, index]));
  const rank = (line: string) => place.get(nameIn(line)) ?? names.length;
  return linesOf(text)
    .filter((line) => line !== "")
    .toSorted((a, b) => rank(a) - rank(b));
}

function namesIn(changes: Changes, path: string): string[] {
  return linesOf(textAt(changes.tree, path) ?? "").map(nameIn);
}

function nameIn(line: string): string {
  return line.split(":")[0] ?? "";
}

function withSortedMembers(line: string): string {
  const fields = line.split(":");
  const members = fields[3] ?? "";
  return fields.length === 4 ? fields.with(3, members.split(",").toSorted().join(",")).join(":") : line;
}

/** The third field is the day of the last change; 0 there would ask for a new password at the next login. */
function changedAt(line: string, lastChange: string): string {
  const fields = line.split(":");
  const isDay = /^[1-9]\d*$/.test(fields[2] ?? "");
  return isDay ? fields.with(2, lastChange).join(":") : line;
}

function joined(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}
