/** A resource's hard limit; null is unlimited. */
export type HardLimit = number | null;

/** The hard limit of a row of /proc/PID/limits (proc_pid_limits(5)), such as "Max open files". */
export function hardLimit(limits: string, row: string): HardLimit {
  const line = limits.split("\n").find((candidate) => candidate.startsWith(row)) ?? "";
  const hard = line.slice(row.length).trim().split(/\s+/)[1];
  return hard === undefined || hard === "unlimited" ? null : Number(hard);
}

/** CAP_SYS_RESOURCE is bit 24 of the sets in /proc/PID/status (capabilities(7)). */
export function mayRaiseLimits(status: string): boolean {
  const bounding = /^CapBnd:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0";
  return ((BigInt(`0x${bounding}`) >> 24n) & 1n) === 1n;
}
