import { readFileSync } from "node:fs";
import { hostname } from "node:os";

/**
 * This process by a name that no other process ever has: host name, boot id, pid and start time in clock ticks (proc(5)).
 * Written on claims and containers, so that a later process can tell whether their owner still lives.
 */
export function thisProcess(): string {
  return [hostname(), bootId(), process.pid, startTime(process.pid)].join("/");
}

/** Whether the process of that name may still run. Of a process of another host nothing is known: it counts as alive. */
export function isAlive(identity: string): boolean {
  const [host, boot, pid, start] = identity.split("/");
  if (host !== hostname()) return true;
  return boot === bootId() && startTime(Number(pid)) === start;
}

function bootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
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
