import { Failure } from "../base/failure.ts";
import { formatSize } from "../base/size.ts";
import type { Container, Limits, RunResult } from "../engine/engine.ts";
import { Head } from "../environment/head.ts";
import type { BuildLog } from "./build-log.ts";
import type { Step } from "./step.ts";
import { reserveBytes } from "./watch.ts";

export interface FailedStep {
  readonly step: Step;
  readonly result: RunResult;
  readonly log: BuildLog;
  readonly limits: Limits;
  readonly container: Container;
  readonly signal: AbortSignal;
  /** Whether its user will be shown the build, or has it kept: no hint how to come by that is needed. */
  readonly isLookedAt: boolean;
}

/**
 * What is behind a step's failure. The log of a package may say anything: what it says of the host is believed only when
 * the host says so too, else it is the package's own failure with a hint.
 */
export async function stepFailure(failed: FailedStep): Promise<Failure> {
  const { step, result, log, limits } = failed;
  const details = { exitCode: result.exitCode, argv: step.argv };
  if (result.oomKilled) {
    return new Failure("infrastructure", "out-of-memory", "The build ran out of memory and was killed", {
      hint: "Allow more with --memory, or let it use less with fewer jobs (-j).",
      details,
    });
  }
  const saysForks = log.tail.some((line) => forkSigns.test(line));
  if (log.diskFull || saysForks) {
    const bounds = boundsIn(await look(failed));
    if (log.diskFull && bounds.isDiskFull) {
      return new Failure("infrastructure", "disk-full", "The disk filled up during the build", {
        hint: "Free some space, for example with `debkiln gc`.",
        details,
      });
    }
    if (saysForks && bounds.hasRefusedProcesses) {
      return new Failure(
        "infrastructure",
        "process-limit",
        `${step.title} failed: it could not start more processes (the limit is ${limits.pids})`,
        { hint: "Allow more with --pids, or let it use less with fewer jobs (-j).", details },
      );
    }
  }
  return packageFailure(failed, saysForks, details);
}

function packageFailure(
  { step, result, log, limits, isLookedAt }: FailedStep,
  saysForks: boolean,
  details: Readonly<Record<string, unknown>>,
): Failure {
  if (log.tail.some((line) => networkSigns.test(line))) {
    return new Failure(
      "package",
      "network-needed",
      `${step.title} failed, and it seems to want the network, which builds do not have`,
      {
        hint: "Debian Policy 4.9 forbids network access in builds: the source must bring what it needs.",
        details,
      },
    );
  }
  if (step.phase === "unpack") {
    return new Failure(
      "package",
      "unpack-failed",
      `The source does not unpack (dpkg-source: exit code ${result.exitCode})`,
      { hint: "The lines above are dpkg-source's own.", details },
    );
  }
  if (step.phase === "build" && log.tail.some((line) => changesSign.test(line))) {
    return new Failure(
      "package",
      "unexpected-changes",
      "The tree has changes to upstream's files that no patch in debian/patches makes",
      {
        hint: "Make a patch of them (`dpkg-source --commit`, `dgit quilt-fixup`, `gbp pq export`), or set single-debian-patch in debian/source/options; --no-source builds binaries as it is.",
        details,
      },
    );
  }
  const hint = log.diskFull
    ? `The log speaks of a full disk, but more than ${formatSize(reserveBytes)} are free: see what the build fills, such as /dev/shm.`
    : saysForks
      ? `The log speaks of processes that could not be started: if that is so, allow more with --pids (${limits.pids} now).`
      : `The end of the log tells why${isLookedAt ? "" : "; --shell-on-fail opens a shell in the build"}.`;
  return new Failure("package", "build-failed", `${step.title} failed with exit code ${result.exitCode}`, {
    hint,
    details,
  });
}

/** What dpkg-source says of them. */
const changesSign = /^dpkg-source: error: aborting due to unexpected upstream changes/;

/**
 * Asks the kernel about the container's bounds: with the shell alone first, since there may be no process to be had. The
 * kernel's own files cannot be written, but on cgroups v1 without root a build can put others where v2 has them.
 */
async function look({ container, signal }: FailedStep): Promise<string> {
  const stdout = new Head(longestLook);
  await container.run(["sh", "-c", looking], { stdout, signal });
  return stdout.text;
}

const longestLook = 1024 ** 2;

const looking = `
for events in /sys/fs/cgroup/pids.events /sys/fs/cgroup/pids/pids.events; do
  [ ! -r $events ] || [ -w $events ] || while read -r key value; do echo "pids $key $value"; done < $events
done
df -kP /build /tmp /var/tmp
df -iP /build /tmp /var/tmp`;

/**
 * Reads the pids controller's events (kernel, cgroup-v2.rst: `max` counts the forks that its limit refused) and the tables
 * of df(1) as POSIX has them: in KiB, then in inodes.
 */
export function boundsIn(said: string): {
  readonly hasRefusedProcesses: boolean;
  readonly isDiskFull: boolean;
} {
  const refused = [...said.matchAll(/^pids max (\d+)$/gm)].some(([, count]) => Number(count) > 0);
  const [, blocks = "", inodes = ""] = said.split(/^Filesystem .*$/m);
  return {
    hasRefusedProcesses: refused,
    isDiskFull:
      available(blocks).some(({ free }) => free * 1024 < reserveBytes) ||
      // File systems such as btrfs count no inodes: their total is 0.
      available(inodes).some(({ total, free }) => total > 0 && free === 0),
  };
}

function available(table: string): { readonly total: number; readonly free: number }[] {
  const rows = table.matchAll(/^\S+ +(\d+) +\d+ +(\d+) +\S+ +\/.*$/gm);
  return [...rows].map(([, total, free]) => ({ total: Number(total), free: Number(free) }));
}

const forkSigns =
  /[Cc]annot fork|fork: .*(Resource temporarily unavailable|Cannot allocate memory)|unable to fork|fork failed/;

const networkSigns =
  /Temporary failure in name resolution|Could not resolve host|Network is unreachable|Name or service not known|getaddrinfo (ENOTFOUND|EAI_AGAIN)/;
