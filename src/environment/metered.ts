import type { Writable } from "node:stream";
import type { Measure, Resources } from "../base/resources.ts";
import type { Container, RunOptions, RunResult } from "../engine/engine.ts";
import { Head } from "./head.ts";

export interface Metered {
  readonly result: RunResult;
  /** Null when nothing could be read, as when the command ended with its container. */
  readonly resources: Resources | null;
}

export interface MeteredOptions extends Omit<RunOptions, "stdout" | "stderr" | "input"> {
  /** Gets standard output and error, as one stream. */
  readonly output: Writable;
  /** A directory whose size on disk is measured at the end. */
  readonly place?: string;
}

/**
 * Runs a command and measures what it takes: the shell that starts it reads the kernel's counters before and after, so that
 * no further command is started in the container. That shell runs as the command's user, who could falsify the measures: they
 * are worth what the command is.
 */
export async function runMetered(
  container: Container,
  argv: readonly string[],
  { output, place = "", ...options }: MeteredOptions,
): Promise<Metered> {
  const readings = new Head(longestReadings);
  const metered = ["sh", "-c", script, "sh", place, ...argv];
  const result = await container.run(metered, { ...options, stdout: output, stderr: readings });
  return { result, resources: resourcesIn(readings.bytes.toString("latin1"), container.id) };
}

/**
 * The command's own standard error goes where its output goes; the readings have the one that the engine gave, which the
 * command does not get. Only builtins read, but for du(1). Processes that the command leaves may keep anything from being
 * forked: its exit code is given in any case.
 */
const script = `
exec 3>&2 2>&1
place=$1; shift
lines() { [ ! -r "$2" ] || while read -r line; do echo "$1 $line"; done < "$2"; }
reading() {
  echo "$1"
  lines group /proc/$$/cgroup
  [ ! -e /sys/fs/cgroup/cgroup.type ] || echo unified
  lines peak /sys/fs/cgroup/memory.peak
  lines peak /sys/fs/cgroup/memory/memory.max_usage_in_bytes
  lines cpu /sys/fs/cgroup/cpu.stat
  lines nanoseconds /sys/fs/cgroup/cpuacct/cpuacct.usage
  lines io /proc/$$/io
  times
}
reading begin >&3
"$@" 3>&-
code=$?
trap 'exit $code' EXIT
reading end >&3
[ -z "$place" ] || echo "disk $(du -sk "$place" 2>/dev/null)" >&3
`;

/** The kernel's counters at one moment; null for what it does not have. */
interface Reading {
  readonly peak: number | null;
  /** Seconds of the container's. */
  readonly cpu: number | null;
  /** Seconds of the shell's and of its children that it waited for. */
  readonly times: number | null;
  readonly read: number | null;
  readonly written: number | null;
}

/**
 * What a shell's readings in a container tell; null when they are not one at the beginning and one at the end.
 *
 * I/O is that of the processes (proc_pid_io(5), in which parents take over what their children had that they waited for):
 * cgroup v1 has no part of buffered writes, and v2 has it only when the kernel gets to it. Memory and processors are those
 * of the container's cgroup where it has one of its own, which rootless engines on v1 do not give.
 */
export function resourcesIn(text: string, containerId: string): Resources | null {
  const [before, ...rest] = text.split(/^end$/m);
  const [nothing, begin, ...others] = (before ?? "").split(/^begin$/m);
  const [end] = rest;
  if (nothing !== "" || begin === undefined || end === undefined || others.length > 0 || rest.length > 1)
    return null;
  const isOwn = hasOwnGroup(end, containerId);
  const [from, to] = [readingOf(begin), readingOf(end)];
  const cpu = (isOwn ? rise(from.cpu, to.cpu) : null) ?? rise(from.times, to.times);
  const disk = numberIn(end, /^disk (\d+)\t/m);
  return resourcesOf({
    cpuSeconds: cpu === null ? "the shell did not tell" : Math.round(cpu * 1000) / 1000,
    peakMemoryBytes: isOwn
      ? peakOf(from.peak, to.peak)
      : "the engine gives the container no cgroup of its own",
    readBytes: rise(from.read, to.read) ?? noAccounting,
    writtenBytes: rise(from.written, to.written) ?? noAccounting,
    diskBytes: disk === null ? "not measured in this phase" : disk * 1024,
  });
}

const noAccounting = "the kernel counts no process's I/O (CONFIG_TASK_IO_ACCOUNTING)";

/** A cgroup of v2 that is not the host's root has a type (kernel cgroup-v2.rst); v1 paths have the container's id in them. */
function hasOwnGroup(reading: string, containerId: string): boolean {
  const memory = /^group \d+:(?:[^:\n]*,)?memory(?:,[^:\n]*)?:(.*)$/m.exec(reading)?.[1];
  return memory === undefined ? /^unified$/m.test(reading) : memory.includes(containerId);
}

function readingOf(text: string): Reading {
  const nanoseconds = numberIn(text, /^nanoseconds (\d+)$/m);
  const microseconds = numberIn(text, /^cpu usage_usec (\d+)$/m);
  const dirtied = numberIn(text, /^io write_bytes: (\d+)$/m);
  return {
    peak: numberIn(text, /^peak (\d+)$/m),
    cpu: nanoseconds !== null ? nanoseconds / 1e9 : microseconds === null ? null : microseconds / 1e6,
    times: timesIn(text),
    read: numberIn(text, /^io read_bytes: (\d+)$/m),
    written:
      dirtied === null
        ? null
        : Math.max(0, dirtied - (numberIn(text, /^io cancelled_write_bytes: (\d+)$/m) ?? 0)),
  };
}

function numberIn(text: string, pattern: RegExp): number | null {
  const digits = pattern.exec(text)?.[1];
  const value = Number(digits);
  return digits === undefined || !Number.isSafeInteger(value) ? null : value;
}

/** The sum of what `times` prints in two lines of two, such as `0m1.230000s`; null when it did not. */
function timesIn(text: string): number | null {
  const printed = [...text.matchAll(/(?:^| )(\d{1,9})m(\d{1,2}(?:\.\d{1,9})?)s(?= |$)/gm)];
  if (printed.length !== 4) return null;
  return printed.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0);
}

function rise(from: number | null, to: number | null): number | null {
  return from === null || to === null || to < from ? null : to - from;
}

/** The kernel keeps one peak for the container's whole life. */
function peakOf(from: number | null, to: number | null): number | string {
  if (from === null || to === null) return "the kernel does not keep it (Linux 5.19 does, with cgroup v2)";
  return to > from ? to : `no more than the ${from} bytes that the container had before`;
}

function resourcesOf(found: Readonly<Record<Measure, number | string>>): Resources {
  const entries = Object.entries(found);
  return {
    ...Object.fromEntries(entries.filter(([, value]) => typeof value === "number")),
    unknown: Object.fromEntries(
      entries.flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : [])),
    ),
  };
}

/** More than the shell's readings can come to, whatever else is written there. */
const longestReadings = 64 * 1024;
