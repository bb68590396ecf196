import { readFile, stat, statfs } from "node:fs/promises";
import type { About } from "./engine.ts";
import type { Connection } from "./about.ts";

/**
 * Whether limits can be set, as `about().limits`, but from the host's own files where the engine is a local podman:
 * there the engine's answer costs more than the container's start.
 */
export async function limitsAllowed(connection: Connection, about: () => Promise<About>): Promise<boolean> {
  if (connection.kind === "podman" && connection.socketPath !== null) {
    const { uid } = await stat(connection.socketPath);
    if (uid === 0) return true;
    if (!(await isUnifiedHierarchy())) return false;
    const delegated = await delegatedControllers(uid);
    if (delegated !== null) return ["memory", "pids"].every((each) => delegated.includes(each));
  }
  return (await about()).limits;
}

/** cgroup v2: a rootless engine has no controllers on v1 (cgroups(7)). */
async function isUnifiedHierarchy(): Promise<boolean> {
  return (await statfs("/sys/fs/cgroup")).type === cgroup2SuperMagic;
}

/** CGROUP2_SUPER_MAGIC of linux/magic.h. */
const cgroup2SuperMagic = 0x63677270;

/** What systemd delegates to a user's services (systemd.resource-control(5), Delegate=); null without systemd. */
async function delegatedControllers(uid: number): Promise<readonly string[] | null> {
  const slice = `/sys/fs/cgroup/user.slice/user-${uid}.slice/user@${uid}.service/cgroup.controllers`;
  try {
    return (await readFile(slice, "utf8")).trim().split(" ");
  } catch {
    return null;
  }
}
