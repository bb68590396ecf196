import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import type Docker from "dockerode";
import { execute } from "./docker-exec.ts";

/**
 * The number of processes that the kernel killed in a container's cgroup for want of memory. Engines say it only of
 * the main process: an exec just ends with 137 (engines.md 5).
 */
export class OomCounter {
  readonly #container: Docker.Container;
  readonly #counts: boolean;
  #last = 0;

  /** `counts` is false where the container has no memory cgroup of its own: the counter would be the host's. */
  constructor(container: Docker.Container, counts: boolean) {
    this.#container = container;
    this.#counts = counts;
  }

  /** Whether it rose since it was last asked. */
  async rose(): Promise<boolean> {
    if (!this.#counts) return false;
    const stdout = new PassThrough();
    const [output] = await Promise.all([
      text(stdout),
      execute(this.#container, readCounters, { stdout, user: "0:0" }).finally(() => stdout.end()),
    ]);
    const before = this.#last;
    this.#last = oomKillsIn(output);
    return this.#last > before;
  }
}

const readCounters = [
  "/bin/sh",
  "-c",
  "cat /sys/fs/cgroup/memory.events /sys/fs/cgroup/memory/memory.oom_control 2>/dev/null; true",
];

/** The `oom_kill` counter of cgroup v2's memory.events or v1's memory.oom_control (kernel cgroup-v2.rst, v1/memory.rst). */
export function oomKillsIn(counters: string): number {
  return Number(/^oom_kill (\d+)$/m.exec(counters)?.[1] ?? 0);
}
