import { access, mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { execa } from "execa";

/** A podman of the benchmark's own, with empty storage: nothing is cached that the run itself did not make. */
export interface BenchEngine extends AsyncDisposable {
  readonly directory: string;
  /** Environment of debkiln commands: this engine, a cache and an output directory of its own. */
  readonly environment: Readonly<Record<string, string>>;
  /** `podman` with the words that make it use this storage. */
  readonly podman: readonly [string, ...string[]];
}

export async function startBenchEngine(): Promise<BenchEngine> {
  const directory = await mkdtemp(join(tmpdir(), "debkiln-bench-"));
  const storage = [
    "--root",
    join(directory, "root"),
    "--runroot",
    join(directory, "run"),
    "--storage-driver",
    "overlay",
  ];
  const podman: [string, ...string[]] = ["podman", ...storage];
  const socket = join(directory, "podman.sock");
  const service = execa("podman", [...storage, "system", "service", "--time=0", `unix://${socket}`], {
    reject: false,
  });
  while (
    !(await access(socket).then(
      () => true,
      () => false,
    ))
  )
    await setTimeout(20);
  const end = async () => {
    // First: what still asks it for something ends then, and begins nothing anew.
    service.kill();
    await service;
    await execa("podman", [...storage, "rm", "--all", "--force", "--time=0"], { reject: false });
    await execa("podman", [...storage, "rmi", "--all", "--force"], { reject: false });
    await killAllOf(directory);
    await execa("umount", [join(directory, "root", "overlay")], { reject: false });
    await rm(directory, { recursive: true, force: true });
  };
  let ended: Promise<void> | null = null;
  return {
    directory,
    podman,
    environment: {
      DEBKILN_ENGINE: `unix://${socket}`,
      DEBKILN_CACHE_DIR: join(directory, "cache"),
      DEBKILN_OUTPUT: join(directory, "out"),
      DEBKILN_CHECKS: ",",
    },
    // Told to stop, the benchmark ends it while what it was measuring fails and wants to end it too.
    [Symbol.asyncDispose]: () => (ended ??= end()),
  };
}

/**
 * Ends the processes that name the directory. What conmon starts at the end of a container makes directories and mounts again, and
 * for a command that the API began it does so five minutes later (podman's exit_command_delay).
 */
async function killAllOf(directory: string): Promise<void> {
  const numbers = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  for (const pid of numbers.filter((each) => each !== process.pid)) {
    // Processes end meanwhile.
    const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (line.includes(directory)) await execa("kill", ["-KILL", String(pid)], { reject: false });
  }
}
