import { Failure } from "../../base/failure.ts";
import type { Changes } from "./changes.ts";
import type { FinishOptions } from "./options.ts";

/** Directories of the root whose content is the host's, and where in /var it is. */
const hostDirectories = { home: "var/home", root: "var/roothome", srv: "var/srv", mnt: "var/mnt" } as const;

/** Directories of local software, and where they are when they are the host's. */
const localDirectories = { opt: "var/opt", "usr/local": "var/usrlocal" } as const;

/**
 * Where the host's own directories are: what packages put there. Empty directories of them stay in the image, so that
 * links lead somewhere in containers too.
 */
export function directoriesInVar({ local }: Pick<FinishOptions, "local">): readonly string[] {
  return [...Object.values(hostDirectories), ...(local === "state" ? Object.values(localDirectories) : [])];
}

/** By what name packages know a path that `linkRoot` moved. */
export function pathBeforeLinks(path: string): string {
  const moved = [...Object.entries(hostDirectories), ...Object.entries(localDirectories)];
  const found = moved.find(([, to]) => path === to || path.startsWith(`${to}/`));
  return found === undefined ? path : found[0] + path.slice(found[1].length);
}

/**
 * Makes the host's directories lead into /var, which alone is writable on hosts, with what packages put there. Links are
 * relative, as ostree and bootc want them: the root is not `/` when they are first followed. With mounts, the directories
 * stay and units bind /var's onto them.
 */
export function linkRoot(changes: Changes, options: FinishOptions): void {
  for (const [path, to] of Object.entries(hostDirectories)) {
    const isLinked = moveInto(changes, path, to);
    if (options.home === "links") changes.symlink(path, to);
    else if (!isLinked) mountAt(changes, path, to);
  }
  if (options.local === "state") {
    moveInto(changes, "opt", localDirectories.opt);
    changes.symlink("opt", localDirectories.opt);
    moveInto(changes, "usr/local", localDirectories["usr/local"]);
    changes.symlink("usr/local", `../${localDirectories["usr/local"]}`);
  }
  for (const { path } of changes.children("media")) changes.drop(path, "media are mounted below /run");
  changes.symlink("media", "run/media");
  changes.file("usr/lib/tmpfiles.d/debkiln-media.conf", "d /run/media 0755 root root -\n");
}

/** Moves a directory's content; says whether it was a link to there already. */
function moveInto(changes: Changes, path: string, to: string): boolean {
  const entry = changes.get(path);
  if (entry?.type === "symlink") {
    if (entry.target.replace(/^(?:\.\.)?\//, "") === to) return true;
    throw new Failure("package", "root-link-elsewhere", `/${path} is a link to ${entry.target}`, {
      hint: `In a bootc image it leads to /${to}: leave it a directory.`,
    });
  }
  if (changes.get(to)?.type === "directory") {
    for (const child of changes.children(path)) changes.move(child.path, to + child.path.slice(path.length));
    changes.remove(path);
  } else if (entry === undefined) changes.directory(to);
  else changes.move(path, to);
  return false;
}

/** A unit that binds a directory of /var onto one of the root, which stays empty in the image. */
function mountAt(changes: Changes, path: string, to: string): void {
  const units = "usr/lib/systemd/system";
  const mode = changes.get(to)?.mode ?? 0o755;
  changes.directory(path, { mode });
  changes.file(
    `${units}/${path}.mount`,
    `[Unit]
Description=The host's /${path}
RequiresMountsFor=/var
Before=local-fs.target

[Mount]
What=/${to}
Where=/${path}
Type=none
Options=bind
DirectoryMode=${mode.toString(8).padStart(4, "0")}
`,
  );
  changes.symlink(`${units}/local-fs.target.wants/${path}.mount`, `../${path}.mount`);
}
