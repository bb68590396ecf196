import { parseAccounts } from "../host-files/accounts.ts";
import { escapeTmpfilesPath, parseTmpfiles } from "../host-files/tmpfiles.ts";
import { textAt } from "../tree/read.ts";
import type { Tree, TreeDirectory, TreeEntry } from "../tree/tree.ts";
import type { Changes } from "./changes.ts";
import type { Facts, FinishOptions } from "./options.ts";
import { directoriesInVar } from "./root-links.ts";
import { sysimagePath } from "./sysimage.ts";
import { type UnknownFile, unclassified } from "./unclassified.ts";
import { VarRules } from "./var-rules.ts";

/** What packages said in the image's own tmpfiles.d, and what is said here. */
const tmpfiles = "usr/lib/tmpfiles.d";
const ours = `${tmpfiles}/debkiln-var.conf`;
const factory = "usr/share/factory";

/** What stays in the image beside links into /usr: containers and later layers find it there. */
const skeleton = ["var", "var/cache", "var/lib", "var/log", "var/tmp"];

/**
 * Empties /var but for a skeleton: hosts get an image's /var at installation and never again. Whatever was in it moves to
 * where images are updated, comes back at boot, or goes, by `varTable` and what the definition says.
 * @throws Failure unclassified-var-path, var-path-malformed (usage).
 */
export function settleVar(changes: Changes, options: FinishOptions, facts: Facts): void {
  const rules = new VarRules(options.var);
  const lines = new TmpfilesLines(changes);
  const kept = new Set([...skeleton, ...directoriesInVar(options)]);
  for (const path of kept) changes.directory(path, path === "var/tmp" ? { mode: 0o1777 } : {});
  const unknown: UnknownFile[] = [];
  // What is in a directory before the directory itself, which can then be seen to be empty.
  for (const entry of changes.below("var").toReversed()) {
    if (changes.get(entry.path) === undefined) continue;
    const found = rules.find(entry.path);
    const outcome = found?.rule.outcome ?? defaultFor(entry);
    const reason = found?.rule.reason ?? "directories and links are made at boot";
    if (outcome === null) unknown.push({ path: entry.path, type: entry.type });
    else if (outcome === "image") {
      if (found?.root === entry.path) moveToSysimage(changes, lines, entry.path, reason);
    } else if (entry.type === "directory") settleDirectory(changes, lines, entry, outcome, kept);
    else if (outcome === "discard") changes.drop(entry.path, reason);
    else if (outcome === "seed") seed(changes, lines, entry, reason);
    else settleTransient(changes, lines, entry, reason);
  }
  if (unknown.length > 0) throw unclassified(unknown, facts.owners);
  changes.file(ours, lines.text());
}

/** Without a rule, only what tmpfiles.d can make is known what to do with; pipes and sockets are of running programs. */
function defaultFor({ type }: TreeEntry) {
  if (type === "directory" || type === "symlink") return "tmpfiles";
  return type === "file" || type === "link" ? null : "discard";
}

function settleDirectory(
  changes: Changes,
  lines: TmpfilesLines,
  entry: TreeDirectory,
  outcome: "tmpfiles" | "seed" | "discard",
  kept: ReadonlySet<string>,
): void {
  const { path } = entry;
  const isEmpty = changes.children(path).length === 0;
  if (outcome !== "discard" || !isEmpty || kept.has(path)) lines.directory(entry);
  if (isEmpty && !kept.has(path)) changes.remove(path);
}

/** What says what the image is made of is updated with it: it lies in /usr, with a link where programs look for it. */
function moveToSysimage(changes: Changes, lines: TmpfilesLines, path: string, reason: string): void {
  const to = sysimagePath(path);
  changes.move(path, to);
  const target = `${"../".repeat(path.split("/").length - 1)}${to}`;
  changes.symlink(path, target);
  lines.symlink("L+", path, target);
  changes.note("moved", path, reason);
}

/** What a host is given once, if it has none: its own from then on. */
function seed(changes: Changes, lines: TmpfilesLines, entry: TreeEntry, reason: string): void {
  if (entry.type === "symlink") {
    changes.remove(entry.path);
    lines.symlink("L", entry.path, entry.target);
    return;
  }
  const from = `${factory}/${entry.path}`;
  changes.move(entry.path, from);
  lines.copy(entry.path, from);
  changes.note("seeded", entry.path, reason);
}

/** Of what comes back at boot, links can be said in a line; a file's content cannot. */
function settleTransient(changes: Changes, lines: TmpfilesLines, entry: TreeEntry, reason: string): void {
  if (entry.type !== "symlink") return changes.drop(entry.path, reason);
  lines.symlink("L", entry.path, entry.target);
  if (!["var/run", "var/lock"].includes(entry.path)) changes.remove(entry.path);
}

/** The lines that make /var at boot, but for what packages' own lines make. */
class TmpfilesLines {
  readonly #lines = new Map<string, string>();
  readonly #declared: ReadonlySet<string>;
  readonly #users: ReadonlyMap<number, string>;
  readonly #groups: ReadonlyMap<number, string>;

  constructor({ tree }: Changes) {
    this.#declared = declaredPaths(tree);
    this.#users = namesById(tree, "passwd");
    this.#groups = namesById(tree, "group");
  }

  directory({ path, mode, uid, gid }: TreeDirectory): void {
    const user = this.#users.get(uid) ?? String(uid);
    const group = this.#groups.get(gid) ?? String(gid);
    this.#add("d", path, `${mode.toString(8).padStart(4, "0")} ${user} ${group} -`);
  }

  symlink(type: "L" | "L+", path: string, target: string): void {
    this.#add(type, path, `- - - - ${escaped(target)}`);
  }

  copy(path: string, from: string): void {
    this.#add("C", path, `- - - - ${escaped(`/${from}`)}`);
  }

  text(): string {
    const lines = [...this.#lines].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, line]) => `${line}\n`);
    return `# What the image's packages have in /var, made at each boot where it is missing.\n${lines.join("")}`;
  }

  #add(type: string, path: string, rest: string): void {
    if (!this.#declared.has(`/${path}`)) this.#lines.set(path, `${type} ${escaped(`/${path}`)} ${rest}`);
  }
}

/** systemd expands `%` in these places. */
function escaped(path: string): string {
  return escapeTmpfilesPath(path).replaceAll("%", "%%");
}

/** Paths that lines of packages or the definition make: they know better (mode, age). */
function declaredPaths(tree: Tree): Set<string> {
  const files = [...tree.values()].filter(
    ({ path, type }) =>
      type === "file" && /^(?:usr\/lib|etc)\/tmpfiles\.d\/[^/]+\.conf$/.test(path) && path !== ours,
  );
  const lines = files.flatMap(({ path }) => parseTmpfiles(textAt(tree, path) ?? ""));
  return new Set(
    lines.filter(({ type }) => /^[dDvqQLCfp]/.test(type)).map(({ path }) => path.replace(/\/+$/, "")),
  );
}

/** Names by id, the first of several: hosts may know an account by another id than the image. */
function namesById(tree: Tree, kind: "passwd" | "group"): ReadonlyMap<number, string> {
  const accounts = parseAccounts(textAt(tree, `etc/${kind}`) ?? "", kind);
  return new Map(accounts.toReversed().map(({ id, name }) => [id, name]));
}
