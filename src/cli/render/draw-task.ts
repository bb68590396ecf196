import { formatDuration } from "../../base/duration.ts";
import { formatSize } from "../../base/size.ts";
import { columnsOf, fit } from "./columns.ts";
import type { Style } from "./style.ts";
import type { Remark, TaskNode } from "./task-tree.ts";

/** The signs of the picture; terminals that are not UTF-8 get the plain set. */
export interface Marks {
  readonly running: string;
  readonly done: string;
  readonly cached: string;
  readonly failed: string;
  readonly interrupted: string;
  readonly warning: string;
  readonly note: string;
  readonly bar: readonly [full: string, empty: string];
}

export const richMarks: Marks = {
  running: "▸",
  done: "✓",
  cached: "=",
  failed: "✗",
  interrupted: "■",
  warning: "!",
  note: "·",
  bar: ["━", "─"],
};

export const asciiMarks: Marks = {
  running: ">",
  done: "+",
  cached: "=",
  failed: "x",
  interrupted: "#",
  warning: "!",
  note: "-",
  bar: ["#", "."],
};

export interface View {
  readonly style: Style;
  readonly marks: Marks;
  /** The present, in milliseconds since the epoch. */
  readonly now: number;
  /** Lines are cut to fewer columns than these; Infinity leaves them whole. */
  readonly columns: number;
}

/** The lines of a finished task with all below it, as they stay on the terminal. */
export function drawFinal(node: TaskNode, view: View, depth = 0): string[] {
  return [
    headLine(node, view, depth),
    ...node.children.flatMap((child) => drawFinal(child, view, depth + 1)),
    ...remarkLines(node, view, depth + 1),
    ...node.tail.map((line) => `${indent(depth + 1)}${view.style.dim("|")} ${line}`),
  ];
}

/** The lines of a task that runs, in at most `room` lines: finished parts give way first. */
export function drawRunning(node: TaskNode, view: View, room: number, depth = 0): string[] {
  const whole = runningLines(node, view, depth, keepAll);
  if (whole.length <= room) return whole;
  const running = runningLines(node, view, depth, (child) => child.state === "running");
  return running.length <= room ? running : running.slice(0, Math.max(0, room));
}

function keepAll(): boolean {
  return true;
}

function runningLines(
  node: TaskNode,
  view: View,
  depth: number,
  keep: (child: TaskNode) => boolean,
): string[] {
  const lines = [headLine(node, view, depth)];
  for (const child of node.children.filter(keep)) lines.push(...runningLines(child, view, depth + 1, keep));
  lines.push(...remarkLines(node, view, depth + 1).filter(() => keep(node) || depth === 0));
  const last = node.state === "running" && node.progress === null ? node.lastLine : "";
  if (last !== "") lines.push(view.style.dim(fit(`${indent(depth + 1)}${last}`, view.columns - 1)));
  return lines;
}

function headLine(node: TaskNode, view: View, depth: number): string {
  const { style, marks, columns } = view;
  const cached = node.state === "done" && /^cached\b/.test(node.summary);
  const mark = {
    running: () => style.accent(marks.running),
    done: () => style.good(cached ? marks.cached : marks.done),
    failed: () => style.bad(marks.failed),
    interrupted: () => style.doubtful(marks.interrupted),
  }[node.state]();
  const time = formatDuration(node.state === "running" ? view.now - node.began : node.duration);
  const start = `${indent(depth)}${" ".repeat(2)}`;
  const room = columns - 1 - columnsOf(start);
  const title = fit(node.title, Math.max(8, room - columnsOf(time) - 2));
  const left = room - columnsOf(title) - columnsOf(time) - 4;
  const extra = node.state === "running" ? progressText(node, view, left) : node.summary;
  const bold = depth === 0 ? style.bold(title) : title;
  const shown = left < 4 || extra === "" ? "" : `  ${fit(extra, left)}`;
  return `${indent(depth)}${mark} ${bold}  ${style.dim(time)}${node.state === "failed" ? shown : style.dim(shown)}`;
}

function progressText(node: TaskNode, { marks }: View, room: number): string {
  if (node.progress === null) return "";
  const { done, total, unit } = node.progress;
  const amount = (value: number) => (unit === "bytes" ? formatSize(value) : String(value));
  if (total === null || total <= 0) return amount(done);
  const text = `${amount(done)} of ${amount(total)}`;
  const width = Math.min(24, room - text.length - 1);
  if (width < 6) return text;
  const full = Math.round(width * Math.min(1, done / total));
  return `${marks.bar[0].repeat(full)}${marks.bar[1].repeat(width - full)} ${text}`;
}

function remarkLines(node: TaskNode, view: View, depth: number): string[] {
  return node.remarks.flatMap((remark) => drawRemark(remark, view, depth));
}

/** A note on one line, or a warning with its hint below. */
export function drawRemark(
  { kind, text, hint }: Remark,
  { style, marks, columns }: View,
  depth: number,
): string[] {
  const room = columns - 3 - 2 * depth;
  if (kind === "note") return [`${indent(depth)}${style.dim(`${marks.note} ${fit(text, room)}`)}`];
  const line = `${indent(depth)}${style.doubtful(marks.warning)} ${fit(text, room)}`;
  return hint === "" ? [line] : [line, `${indent(depth)}  ${style.accent("hint:")} ${fit(hint, room - 6)}`];
}

function indent(depth: number): string {
  return "  ".repeat(depth);
}
