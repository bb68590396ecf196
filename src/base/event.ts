import { z } from "zod";
import { asFailure, interrupted } from "./failure.ts";
import { Resources } from "./resources.ts";

/** Where in the work an event belongs, outermost first, such as `["sl_5.02-1", "install"]`. */
export const EventPath = z.array(z.string()).readonly();
export type EventPath = z.infer<typeof EventPath>;

const shared = { path: EventPath, /** Milliseconds since the epoch. */ time: z.int() };

/**
 * What happens during work, as one stream from which terminals, logs, `--json` and the hub each draw their picture.
 * A task is `started`, may `progress` and `log`, and is `finished` exactly once.
 */
export const Event = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("started"), ...shared, title: z.string() }),
  /** Output of a tool. `text` is as the tool wrote it, control characters included: renderers strip them. */
  z.strictObject({ type: z.literal("log"), ...shared, text: z.string() }),
  z.strictObject({
    type: z.literal("progress"),
    ...shared,
    done: z.number(),
    total: z.number().nullable(),
    unit: z.enum(["bytes", "items"]),
  }),
  /** A fact worth a line of its own that is not a fault, such as a cache hit. */
  z.strictObject({ type: z.literal("note"), ...shared, message: z.string() }),
  z.strictObject({ type: z.literal("warning"), ...shared, message: z.string(), hint: z.string().optional() }),
  /** A phase of a build has ended, which its commands took so much for; null when nothing was measured of it. */
  z.strictObject({
    type: z.literal("measured"),
    ...shared,
    phase: z.string(),
    /** Wall time. */
    seconds: z.number().nonnegative(),
    resources: Resources.nullable(),
  }),
  z.strictObject({
    type: z.literal("finished"),
    ...shared,
    outcome: z.enum(["done", "failed", "interrupted"]),
    /** Wall time in milliseconds. */
    duration: z.number(),
    /** What came of it in a few words, such as "32 packages, 12.1 MB" or the failure's message. */
    summary: z.string().optional(),
  }),
]);
export type Event = z.infer<typeof Event>;

/** Takes events. Given as a parameter to whatever does work; never a global. */
export interface Report {
  (event: Event): void;
  /** Null, or when a slow reader will have taken what was reported: who reports much waits for that, nobody else need. */
  readonly backlog?: () => Promise<void> | null;
}

/** One task's end of the event stream. */
export class Task {
  readonly path: EventPath;
  readonly report: Report;
  /** Set by the work when it knows; goes into the `finished` event. */
  summary: string | undefined;

  constructor(report: Report, path: EventPath) {
    this.report = report;
    this.path = path;
  }

  log(text: string): void {
    this.report({ type: "log", path: this.path, time: Date.now(), text });
  }

  note(message: string): void {
    this.report({ type: "note", path: this.path, time: Date.now(), message });
  }

  warn(message: string, hint?: string): void {
    this.report({
      type: "warning",
      path: this.path,
      time: Date.now(),
      message,
      ...(hint === undefined ? {} : { hint }),
    });
  }

  measured(phase: string, seconds: number, resources: Resources | null): void {
    this.report({ type: "measured", path: this.path, time: Date.now(), phase, seconds, resources });
  }

  progress(done: number, total: number | null, unit: "bytes" | "items"): void {
    this.report({ type: "progress", path: this.path, time: Date.now(), done, total, unit });
  }

  /** Runs a part of this task under its own name, between a `started` and a `finished` event. */
  async step<T>(name: string, title: string, work: (task: Task) => Promise<T>): Promise<T> {
    const task = new Task(this.report, [...this.path, name]);
    const begin = performance.now();
    this.report({ type: "started", path: task.path, time: Date.now(), title });
    const finished = (outcome: "done" | "failed" | "interrupted", summary: string | undefined) =>
      this.report({
        type: "finished",
        path: task.path,
        time: Date.now(),
        outcome,
        duration: Math.round(performance.now() - begin),
        ...(summary === undefined ? {} : { summary }),
      });
    try {
      const result = await work(task);
      finished("done", task.summary);
      return result;
    } catch (thrown) {
      const failure = asFailure(thrown);
      finished(failure.fault === "interrupted" ? "interrupted" : "failed", failure.message);
      throw thrown;
    }
  }
}

/** Throws the signal's own reason when it is a failure, else an `interrupted` one, if the signal was given. */
export function throwIfAborted(signal: AbortSignal): void {
  if (!signal.aborted) return;
  const failure = asFailure(signal.reason);
  throw failure.code === "unexpected" ? interrupted("the caller") : failure;
}
