import { PassThrough, Writable } from "node:stream";
import { asFailure, Failure } from "../base/failure.ts";
import { formatSize } from "../base/size.ts";
import type { Container } from "../engine/engine.ts";
import type { BuildLog } from "./build-log.ts";
import { overdue } from "./deadline.ts";
import type { Deadlines } from "./request.ts";
import { reportStall, withStallReport } from "./stall-report.ts";

export interface Watch {
  readonly container: Container;
  readonly log: BuildLog;
  readonly deadlines: Deadlines;
  /** When the whole build began, in milliseconds of `performance.now()`. */
  readonly since: number;
  readonly diskBytes: number | null;
  /** Directories that are in memory: they are full when they are full, and take nothing from the disk. */
  readonly inMemory?: readonly string[];
  /** Ends the work when its time is up, and tells whether it has ended; without it the container ends. */
  readonly end?: (work: Promise<unknown>) => Promise<boolean>;
  readonly signal: AbortSignal;
}

/** Bytes that the disk under a build must keep free: a host with a full disk is of no use to anyone. */
export const reserveBytes = 512 * 1024 ** 2;
/** Short builds are not worth a look at their disk. */
const diskWatchAfterMs = 6000;

/**
 * Runs some work in a container under the build's bounds. When one is passed, the signal that the work got is given with
 * the reason, which ends the container; but when only its time is up, the work is ended by `end` before, where there is one.
 * @throws Failure timeout, silence-timeout, watch-ended (package), disk-full, disk-limit (infrastructure), and what the work raises.
 */
export async function watched<T>(watch: Watch, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { container, log, deadlines } = watch;
  const stop = new AbortController();
  const begin = performance.now();
  const running = work(AbortSignal.any([watch.signal, stop.signal]));
  const end = async (failure: Failure): Promise<Failure> => {
    const late = withStallReport(failure, await reportStall(container, log));
    if ((await watch.end?.(running)) !== true) stop.abort(late);
    return late;
  };
  const ending: Promise<Failure>[] = [];
  const clock = setInterval(() => {
    const now = performance.now();
    const failure = overdue(deadlines, {
      running: now - watch.since,
      silent: now - Math.max(begin, log.lastOutput),
    });
    if (failure === null || stop.signal.aborted) return;
    clearInterval(clock);
    ending.push(end(failure));
  }, 500);
  const disk = watchDisk(watch, (failure) => stop.abort(failure));
  const [ended] = await Promise.allSettled([running]);
  clearInterval(clock);
  disk.end();
  const [late] = await Promise.all(ending);
  if (late !== undefined && !watch.signal.aborted) throw late;
  if (ended.status === "fulfilled") return ended.value;
  throw stop.signal.aborted ? asFailure(stop.signal.reason) : ended.reason;
}

/** Looks every other second, from inside, at the free space under the build and, if it is bounded, at what it uses. */
function watchDisk(watch: Watch, exceeded: (failure: Failure) => void): { end: () => void } {
  const input = new PassThrough();
  let isEnded = false;
  let unfinished = "";
  const seen = new Writable({
    write(chunk: Buffer, _, done) {
      const lines = (unfinished + chunk.toString("latin1")).split("\n");
      unfinished = (lines.pop() ?? "").slice(-longestReading);
      const failure = lines
        .map((line) => diskVerdict(line, watch.diskBytes))
        .find((verdict) => verdict !== null);
      if (failure !== undefined) exceeded(failure);
      done();
    },
  });
  const onDisk = ["/build", "/tmp", "/var/tmp"].filter((each) => watch.inMemory?.includes(each) !== true);
  const [first] = onDisk;
  if (first === undefined) return { end: () => undefined };
  const measured =
    watch.diskBytes === null ? "" : `echo used $(du -skc ${onDisk.join(" ")} 2>/dev/null | tail -n 1);`;
  // Whichever of its processes is ended from inside but the sleep, the command ends. With its input it ends at once: what runs in a
  // container that is removed keeps the client waiting for that.
  const look = `echo free $(df -kP ${first} | tail -n 1); ${measured}`;
  const script =
    "trap 'exit 0' TERM; exec 3<&0; { cat <&3 > /dev/null; kill $$; } & input=$!; " +
    `while sleep 2 > /dev/null 2>&1 & wait $!; kill -0 $input 2> /dev/null; do ${look} done`;
  const timer = setTimeout(() => {
    const watching = watch.container.run(["sh", "-c", script], { input, stdout: seen });
    // With its container it may end.
    void watching.then(
      () => (isEnded ? null : exceeded(unwatched())),
      () => null,
    );
  }, diskWatchAfterMs);
  return {
    end: () => {
      isEnded = true;
      clearTimeout(timer);
      input.end();
    },
  };
}

/** Root's processes in a container can do this to one another. */
function unwatched(): Failure {
  return new Failure("package", "watch-ended", "What watches the disk from inside was ended there", {
    hint: "No honest test ends processes that are not its own: look at debian/tests.",
  });
}

/** More than any line of `df`. */
const longestReading = 8192;

/**
 * What one whole line of the disk's watch tells: the failure when a bound is passed, else null. The line is `free` and a
 * line of df(1) as POSIX has it, or `used` and a total of du(1), both in KiB.
 */
export function diskVerdict(line: string, diskBytes: number | null): Failure | null {
  const free = /^free \S+ +\d+ +\d+ +(\d+) +\S+ +\//.exec(line)?.[1];
  if (free !== undefined && Number(free) * 1024 < reserveBytes) {
    return new Failure(
      "infrastructure",
      "disk-full",
      `The build left less than ${formatSize(reserveBytes)} free on the disk`,
      {
        hint: "Free some space, for example with `debkiln gc`, or bound the build with --disk.",
      },
    );
  }
  const used = /^used (\d+) total$/.exec(line)?.[1];
  if (diskBytes !== null && used !== undefined && Number(used) * 1024 > diskBytes) {
    return new Failure(
      "infrastructure",
      "disk-limit",
      `The build used more than ${formatSize(diskBytes)} of disk`,
      {
        hint: "Allow more with --disk.",
      },
    );
  }
  return null;
}
