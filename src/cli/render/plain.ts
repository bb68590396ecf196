import { formatDuration } from "../../base/duration.ts";
import type { Event } from "../../base/event.ts";
import { printableLine } from "../../base/printable.ts";
import { fit } from "./columns.ts";
import { failureText } from "./failure-text.ts";
import { StepLogs } from "./log-lines.ts";
import { nothingToSuspend } from "./renderer.ts";
import type { Renderer, Sink } from "./renderer.ts";
import type { Style } from "./style.ts";

export interface PlainOptions {
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly style: Style;
  /** `quiet` shows warnings and failures only; `verbose` passes the logs through. */
  readonly volume: "quiet" | "normal" | "verbose";
}

type Finished = Event & { type: "finished" };

/** Log lines shown of a failing step. */
const tailLength = 20;
/** In a step that runs long, one line of its log is shown this often (milliseconds), as a sign of life. */
const signOfLife = 60_000;
/** A compiler's command line would fill the screen; the log has all of it. */
const signOfLifeColumns = 100;

/** One line per start and finish, for logs of cron jobs and CI systems and for dumb terminals. */
export function plainRenderer({ stdout, stderr, style, volume }: PlainOptions): Renderer {
  const logs = new StepLogs(tailLength, volume === "verbose" ? "all" : "last");
  const lastShown = new Map<string, number>();
  let begin: number | null = null;
  let lastFailure: Finished | null = null;

  const line = (event: Event, text: string) => {
    begin ??= event.time;
    const elapsed = `[${((event.time - begin) / 1000).toFixed(1).padStart(6)} s]`;
    const name = event.path.map(printableLine).join("/");
    lastShown.set(event.path.join("\0"), event.time);
    stderr.write(`${style.dim(elapsed)} ${name === "" ? "" : `${style.bold(name)}: `}${text}\n`);
  };

  // In one write: each has its cost in memory for as long as a slow reader leaves it waiting.
  const passOn = (lines: readonly string[]) => {
    const text = lines.map((each) => `${style.dim("|")} ${each}\n`).join("");
    if (text !== "") stderr.write(text);
  };

  const logged = (event: Event & { type: "log" }) => {
    const lines = logs.add(event.path, event.text);
    const latest = lines.findLast((text) => text.trim() !== "");
    if (volume === "verbose") passOn(lines);
    if (volume !== "normal" || latest === undefined) return;
    const key = event.path.join("\0");
    const shown = lastShown.get(key);
    if (shown === undefined) lastShown.set(key, event.time);
    else if (event.time - shown > signOfLife)
      line(event, style.dim(`... ${fit(printableLine(latest), signOfLifeColumns)}`));
  };

  const finished = (event: Finished) => {
    const { rest, tail } = logs.end(event.path);
    if (volume === "verbose") passOn(rest);
    line(
      event,
      outcomeText(saysTheSame(event, lastFailure) ? { ...event, summary: undefined } : event, style),
    );
    if (event.outcome === "failed") lastFailure = event;
    lastShown.delete(event.path.join("\0"));
    if (event.outcome !== "failed" || volume === "verbose") return;
    passOn(tail);
  };

  const report = (event: Event) => {
    if (event.type === "warning") {
      line(event, `${style.doubtful("warning:")} ${printableLine(event.message)}`);
      if (event.hint !== undefined) line(event, `${style.accent("hint:")} ${printableLine(event.hint)}`);
    } else if (event.type === "log") logged(event);
    else if (event.type === "finished" && (volume !== "quiet" || event.outcome === "failed")) finished(event);
    else if (volume === "quiet") return;
    else if (event.type === "started") line(event, printableLine(event.title));
    else if (event.type === "note") line(event, printableLine(event.message));
  };

  return {
    report,
    suspend: () => nothingToSuspend,
    result: (text) => stdout.write(text),
    failure: (failure) => stderr.write(failureText(failure, { style, verbose: volume === "verbose" })),
    close: () => {},
  };
}

/** Whether a task only repeats the failure of a task within it. */
function saysTheSame(event: Finished, earlier: Finished | null): boolean {
  const within = earlier !== null && event.path.every((name, depth) => name === earlier.path[depth]);
  return within && event.outcome === "failed" && event.summary === earlier.summary;
}

function outcomeText(event: Finished, style: Style): string {
  const time = formatDuration(event.duration);
  const summary = event.summary === undefined ? "" : printableLine(event.summary);
  if (event.outcome === "done") return `${style.good("done")} in ${time}${summary && `, ${summary}`}`;
  const word = event.outcome === "failed" ? style.bad("failed") : style.doubtful("interrupted");
  return `${word} after ${time}${summary && `: ${summary}`}`;
}
