import { Failure } from "../../base/failure.ts";
import { nearest } from "../../base/nearest.ts";
import { parseAccounts } from "../host-files/accounts.ts";
import type { PlannedEntry } from "../plan.ts";
import { isWithin, resolveParents } from "../tree/path.ts";
import { textAt } from "../tree/read.ts";
import type { TreeEntry } from "../tree/tree.ts";
import type { Changes } from "./changes.ts";
import type { FinishOptions } from "./options.ts";

/** Where what an image puts there is never seen on hosts. */
const hidden = ["boot", "dev", "proc", "run", "sys", "sysroot", "tmp", "ostree"];

/**
 * Lays the definition's entries over what packages brought, in the definition's order: through links, so that `/lib/x`
 * is `/usr/lib/x`. A directory that is there stays and gets the definition's mode and owner; a file takes the place of a
 * file or link.
 * @throws Failure file-under-var, path-not-on-hosts, path-through-file, directory-in-the-way, unknown-owner (usage).
 */
export function layEntries(changes: Changes, { files, epoch }: FinishOptions): void {
  for (const planned of files) {
    const path = placeOf(changes, planned);
    const entry = treeEntry(changes, planned, path, epoch);
    if (changes.get(path)?.type === "directory" && entry.type !== "directory") throw inTheWay(planned);
    changes.put(entry);
  }
}

function placeOf(changes: Changes, planned: PlannedEntry): string {
  const path = resolveParents(changes.tree, planned.path.replace(/^\/+/, ""));
  if (isWithin(path, "var")) throw underVar(planned, path);
  const first = hidden.find((directory) => isWithin(path, directory));
  if (first !== undefined && !path.startsWith("boot/EFI/")) throw notOnHosts(planned, first);
  for (let at = path.indexOf("/"); at !== -1; at = path.indexOf("/", at + 1)) {
    const parent = changes.get(path.slice(0, at));
    if (parent !== undefined && parent.type !== "directory") throw throughFile(planned, parent.path);
  }
  return path;
}

function treeEntry(changes: Changes, planned: PlannedEntry, path: string, epoch: number): TreeEntry {
  const uid = idOf(changes, planned, "user");
  const gid = idOf(changes, planned, "group");
  const common = { path, mode: planned.mode, uid, gid, mtime: epoch, xattrs: {} };
  if (planned.type === "directory") return { ...common, type: "directory" };
  if (planned.type === "symlink") return { ...common, type: "symlink", target: planned.target };
  const { sizeBytes, digest, content } = planned;
  return { ...common, type: "file", sizeBytes, digest, content };
}

const accountFiles = { user: "passwd", group: "group" } as const;

function idOf(changes: Changes, planned: PlannedEntry, kind: "user" | "group"): number {
  const owner = planned[kind];
  if (typeof owner === "number") return owner;
  if (owner === "root") return 0;
  const accounts = parseAccounts(textAt(changes.tree, `etc/${accountFiles[kind]}`) ?? "", accountFiles[kind]);
  const found = accounts.find(({ name }) => name === owner);
  if (found !== undefined) return found.id;
  const names = accounts.map(({ name }) => name);
  const like = nearest(owner, names);
  throw new Failure(
    "usage",
    "unknown-owner",
    `${planned.from} gives ${planned.path} to the ${kind} ${owner}, which the image does not have`,
    {
      hint:
        like === null
          ? `Name one of its packages' accounts, or of customizations.${kind}.`
          : `Did you mean ${like}? Else declare it in customizations.${kind}.`,
      details: { path: planned.path, owner },
    },
  );
}

function underVar({ path: written, from, type }: PlannedEntry, path: string): Failure {
  const is = written === `/${path}` ? "" : `, which is /${path}`;
  return new Failure("usage", "file-under-var", `${from} puts ${written}${is} into the host's own /var`, {
    hint: underVarHint(type, path),
    details: { path: written },
  });
}

/** /var is filled at a host's installation and never after it, so what is put there reaches no host that is updated. */
function underVarHint(type: string, path: string): string {
  if (isWithin(path, "var/opt") || isWithin(path, "var/usrlocal"))
    return 'Hosts would get it at installation only: set bootc.local to "image" to make /opt and /usr/local the image\'s.';
  const line =
    type === "directory"
      ? `a file in /usr/lib/tmpfiles.d with the line "d /${path} 0755 root root -"`
      : `/usr/share/factory/${path} and a file in /usr/lib/tmpfiles.d with the line "C /${path}"`;
  return `Hosts would get it at installation only. Add ${line} instead (tmpfiles.d(5)).`;
}

function notOnHosts({ path, from }: PlannedEntry, directory: string): Failure {
  return new Failure("usage", "path-not-on-hosts", `${from} puts ${path} where no host would see it`, {
    hint: `/${directory} is mounted over or made anew at boot: choose a path in /usr or /etc.`,
    details: { path },
  });
}

function throughFile({ path, from }: PlannedEntry, file: string): Failure {
  return new Failure(
    "usage",
    "path-through-file",
    `${from} puts ${path} below /${file}, which is no directory`,
    {
      hint: "Choose another path, or leave out the package that has the file.",
    },
  );
}

function inTheWay({ path, from, type }: PlannedEntry): Failure {
  const what = type === "symlink" ? "a link" : "a file";
  return new Failure(
    "usage",
    "directory-in-the-way",
    `${from} puts ${what} at ${path}, where a directory is`,
    {
      hint: `Choose another path; what is in ${path} would be lost.`,
    },
  );
}
