import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/**
 * This process by a name that no other process ever has: host name, boot id, pid namespace (pid_namespaces(7)), pid and
 * start time in clock ticks (proc(5)). Written on claims and containers, so that a later process can tell whether their
 * owner still lives. Host and namespace are one part: what knows of hosts only takes it for another host's, and so for alive.
 */
export function thisProcess(): string {
  return [`${hostname()}+${pidNamespace()}`, bootId(), process.pid, startTime(process.pid)].join("/");
}

/** Whether the process of that name still runs. Of one of another host or another pid namespace nothing is known. */
export function lifeOf(identity: string): "alive" | "dead" | "unknown" {
  const [place = "", boot, pid, start] = identity.split("/");
  const [host, namespace] = place.split("+");
  if (host !== hostname() || start === undefined) return "unknown";
  if (boot !== bootId()) return "dead";
  if (namespace !== pidNamespace()) return "unknown";
  return startTime(Number(pid)) === start ? "alive" : "dead";
}

/** Whether the process of that name may still run: one of which nothing is known counts as alive. */
export function isAlive(identity: string): boolean {
  return lifeOf(identity) !== "dead";
}

function bootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}

/** Such as `pid:[4026531836]`. */
function pidNamespace(): string {
  return readlinkSync("/proc/self/ns/pid");
}

/** Field 22 of /proc/PID/stat, or "" when there is no such process; the command's name before it may hold anything. */
function startTime(pid: number): string {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, "utf8");
    return status.slice(status.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}
