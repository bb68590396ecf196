import { access, mkdtemp, rm } from "node:fs/promises";
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
  return {
    directory,
    podman,
    environment: {
      DEBKILN_ENGINE: `unix://${socket}`,
      DEBKILN_CACHE_DIR: join(directory, "cache"),
      DEBKILN_OUTPUT: join(directory, "out"),
      DEBKILN_CHECKS: ",",
    },
    [Symbol.asyncDispose]: async () => {
      await execa("podman", [...storage, "rm", "--all", "--force"], { reject: false });
      await execa("podman", [...storage, "rmi", "--all", "--force"], { reject: false });
      service.kill();
      await service;
      // What conmon starts at the end of a container may still make directories again.
      await setTimeout(2000);
      await execa("umount", [join(directory, "root", "overlay")], { reject: false });
      await rm(directory, { recursive: true, force: true });
    },
  };
}
