import { z } from "zod";
import { parseJson } from "../base/parse-json.ts";
import { printableLine } from "../base/printable.ts";
import { builder } from "../environment/builder.ts";

/** A process of a container, by the container's own numbers. */
export interface Process {
  readonly pid: number;
  /** 0 for what the engine started. */
  readonly parent: number;
  readonly user: number;
  /** One letter, as in ps(1): `D` waits for a disk, `T` is stopped, `Z` has ended. */
  readonly state: string;
  /** Since it was started, in seconds. */
  readonly age: number;
  /** Processor time used, in seconds. */
  readonly busy: number;
  readonly command: string;
}

/**
 * Prints a line of JSON for each process: perl-base is essential, and needs no further process where none may be left. What
 * can hang (cmdline takes the process's memory lock; proc(5)) comes after all that cannot, each line when it is known.
 */
export const listingCommand: readonly string[] = [
  "perl",
  "-e",
  String.raw`
$| = 1;
sub slurp { open(my $f, "<", $_[0]) or return ""; local $/; my $text = <$f>; return defined $text ? $text : "" }
sub hex_of { return unpack("H*", substr($_[0], 0, 400)) }
my ($up) = slurp("/proc/uptime") =~ /^([\d.]+)/;
my @pids = sort { $a <=> $b } map { m{/(\d+)$} } glob("/proc/[0-9]*");
for my $pid (@pids) {
  next if $pid == $$;
  my ($name, $rest) = slurp("/proc/$pid/stat") =~ /^\d+ \((.*)\) (.*)$/s or next;
  my @f = split / /, $rest;
  my $user = (stat("/proc/$pid"))[4];
  printf "{\"pid\":%d,\"parent\":%d,\"user\":%d,\"state\":\"%s\",\"age\":%.0f,\"busy\":%.0f,\"name\":\"%s\"}\n",
    $pid, $f[1], $user, substr($f[0], 0, 1), $up - $f[19] / 100, ($f[11] + $f[12]) / 100, hex_of($name);
}
for my $pid (@pids) {
  next if $pid == $$;
  printf "{\"pid\":%d,\"command\":\"%s\"}\n", $pid, hex_of(slurp("/proc/$pid/cmdline"));
}
`,
];

const hex = z
  .string()
  .regex(/^([0-9a-f]{2})*$/)
  .max(1000);

const Line = z.union([
  z.strictObject({
    pid: z.int().positive(),
    parent: z.int().nonnegative(),
    user: z.int().nonnegative(),
    state: z.string().regex(/^[A-Za-z]$/),
    age: z.number(),
    busy: z.number(),
    name: hex,
  }),
  z.strictObject({ pid: z.int().positive(), command: hex }),
]);

/** What the listing told, however much of it came; lines that are none of its form are left out. */
export function readProcesses(text: string): readonly Process[] {
  const found = new Map<number, Process>();
  for (const line of text.split("\n").slice(0, mostLines)) {
    const said = Line.safeParse(parseJson(line)).data;
    if (said === undefined) continue;
    if ("command" in said) {
      const known = found.get(said.pid);
      const command = wordsOf(said.command);
      if (known !== undefined && command !== "") found.set(said.pid, { ...known, command });
    } else {
      const { name, age, busy, ...more } = said;
      found.set(said.pid, { ...more, age: Math.max(0, age), busy, command: `[${wordsOf(name)}]` });
    }
  }
  return [...found.values()];
}

/** The processes in lines, as `ps f` has them: those that one started follow it, further in. */
export function processTree(processes: readonly Process[]): readonly string[] {
  const pids = new Set(processes.map(({ pid }) => pid));
  const byParent = Map.groupBy(processes, ({ pid, parent }) =>
    parent !== pid && pids.has(parent) ? parent : 0,
  );
  const lines = ["    PID USER     STAT   ELAPSED      TIME COMMAND"];
  const seen = new Set<number>();
  // A list, not calls: a chain of processes may be longer than the stack.
  const waiting = (byParent.get(0) ?? []).map((each) => ({ each, depth: 0 })).toReversed();
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { each, depth } = next;
    if (seen.has(each.pid)) continue;
    seen.add(each.pid);
    lines.push(lineOf(each, depth));
    const children = byParent.get(each.pid) ?? [];
    waiting.push(...children.map((child) => ({ each: child, depth: depth + 1 })).toReversed());
  }
  return lines;
}

function lineOf({ pid, user, state, age, busy, command }: Process, depth: number): string {
  const branch = depth === 0 ? "" : `${"    ".repeat(Math.min(depth, deepest) - 1)} \\_ `;
  const name = user === 0 ? "root" : user === builder.uid ? builder.name : String(user);
  const columns = [
    String(pid).padStart(7),
    name.padEnd(8),
    state.padEnd(4),
    clock(age).padStart(9),
    clock(busy).padStart(9),
  ];
  return `${columns.join(" ")} ${branch}${command}`;
}

/** Hours, minutes and seconds, as ps(1) has them. */
function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return `${hours === 0 ? "" : `${hours}:`}${hours === 0 ? minutes : two(minutes)}:${two(whole % 60)}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

function wordsOf(text: string): string {
  const words = Buffer.from(text, "hex").toString("utf8").replaceAll("\0", " ");
  return printableLine(words).slice(0, longestCommand);
}

const mostLines = 20_000;
const deepest = 12;
const longestCommand = 200;
