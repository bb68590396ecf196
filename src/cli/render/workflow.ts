import type { Event } from "../../base/event.ts";
import { printable, printableLine } from "../../base/printable.ts";
import { plainRenderer } from "./plain.ts";
import type { PlainOptions } from "./plain.ts";
import { StepLogs } from "./log-lines.ts";
import type { Renderer } from "./renderer.ts";

/** Lines that wait for another step's group to end; beyond these they are shown in a group of their own. */
const mostWaiting = 500;

export interface WorkflowOptions extends PlainOptions {
  /** Takes Markdown for the page of the job; absent where the runner has none. */
  readonly summary?: ((markdown: string) => void) | undefined;
}

/**
 * Plain output for GitHub's and Forgejo's runners: the logs in foldable groups, warnings and failures as annotations, and
 * results on the page of the job. A runner takes commands from every line it sees, so all text but our own commands is made harmless.
 */
export function workflowRenderer(options: WorkflowOptions): Renderer {
  const stderr = { write: (text: string) => options.stderr.write(harmless(text)) };
  const stdout = { write: (text: string) => options.stdout.write(harmless(text)) };
  const command = (text: string) => options.stderr.write(`${text}\n`);
  const plain = plainRenderer({ ...options, stderr, stdout });
  const logs = new StepLogs(0, "all");
  const titles = new Map<string, string>();
  /** Lines of steps that log while another step's group is open. */
  const waiting = new Map<string, string[]>();
  let group: string | null = null;

  const fold = (key: string | null) => {
    if (key === group) return;
    if (group !== null) command("::endgroup::");
    if (key !== null) command(`::group::${data(titles.get(key) ?? key.replaceAll("\0", "/"))}`);
    group = key;
  };

  const show = (key: string) => {
    const lines = waiting.get(key) ?? [];
    waiting.delete(key);
    if (lines.length === 0) return;
    fold(key);
    stderr.write(lines.map((line) => `| ${line}\n`).join(""));
  };

  const log = (path: readonly string[], lines: readonly string[]) => {
    if (options.volume === "quiet") return;
    const key = path.join("\0");
    const held = [...(waiting.get(key) ?? []), ...lines];
    waiting.set(key, held);
    if (group === null || group === key || held.length >= mostWaiting) show(key);
  };

  const report = (event: Event) => {
    const key = event.path.join("\0");
    if (event.type === "log") return log(event.path, logs.add(event.path, event.text));
    if (event.type === "progress") return;
    if (event.type === "started") titles.set(key, event.title);
    if (event.type === "finished") {
      log(event.path, logs.end(event.path).rest);
      show(key);
      titles.delete(key);
    }
    fold(null);
    if (event.type === "warning") command(annotation("warning", event.path.join("/"), withHint(event)));
    else plain.report(event);
  };

  return {
    report,
    suspend: () => plain.suspend(),
    result: (text, value) => {
      fold(null);
      plain.result(text, value);
      options.summary?.(codeBlock(text));
    },
    failure: (failure) => {
      fold(null);
      command(annotation("error", failure.code, withHint(failure)));
      plain.failure(failure);
      options.summary?.(codeBlock(`error: ${withHint(failure)}`));
    },
    close: () => fold(null),
  };
}

function withHint({
  message,
  hint,
}: {
  readonly message: string;
  readonly hint?: string | undefined;
}): string {
  return hint === undefined ? message : `${message}\nhint: ${hint}`;
}

/** Indented, so that no text can end it as it could end a fence (CommonMark, indented code blocks). */
function codeBlock(text: string): string {
  return `\n${printable(text).trimEnd().replace(/^/gm, "    ")}\n\n`;
}

function annotation(kind: "warning" | "error", title: string, message: string): string {
  return `::${kind} title=${property(`debkiln: ${printableLine(title)}`)}::${data(message)}`;
}

/** Text as the data of a workflow command (actions/toolkit, command.ts: escapeData). */
function data(text: string): string {
  return printable(text).trim().replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

/** Text as a property of a workflow command (actions/toolkit, command.ts: escapeProperty). */
function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

/**
 * Lines that a runner takes for no command: it looks for `::` at the start of a line, white space aside, and for
 * `##[` anywhere in it (actions/runner, ActionCommand.cs).
 */
export function harmless(text: string): string {
  return text.replace(/^(\s*):(?=:)/gm, "$1: ").replace(/##(?=\w*\[)/g, "# #");
}
