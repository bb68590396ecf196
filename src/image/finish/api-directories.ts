import type { Changes } from "./changes.ts";

/** Directories that hold nothing in an image, since hosts and containers mount something there. */
const apiDirectories = { dev: 0o755, proc: 0o555, run: 0o755, sys: 0o555, tmp: 0o1777 };

/**
 * Empties what is mounted over, makes the directories that bootc wants in the root (bootc 1.16.9, lints
 * `api-base-directories`, `baseimage-root`, `nonempty-run-tmp`), and removes what the engine left.
 */
export function makeApiDirectories(changes: Changes): void {
  const root = changes.get(".");
  // As base-files has it. podman gives the root of every container 0555, and docker leaves it as it is.
  if (root !== undefined) changes.replace({ ...root, mode: 0o755, uid: 0, gid: 0 });
  for (const [path, mode] of Object.entries(apiDirectories)) {
    changes.remove(path);
    changes.directory(path, { mode });
  }
  changes.directory("sysroot");
  changes.symlink("ostree", "sysroot/ostree");
  for (const trace of [".dockerenv", ".containerenv"]) changes.drop(trace, "the container engine's");
}
