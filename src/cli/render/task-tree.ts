import type { Event } from "../../base/event.ts";
import { printableLine } from "../../base/printable.ts";
import { StepLogs } from "./log-lines.ts";

export interface Remark {
  readonly kind: "note" | "warning";
  readonly text: string;
  readonly hint: string;
}

/** A task as the live picture shows it. All texts are printable. */
export interface TaskNode {
  readonly title: string;
  readonly began: number;
  state: "running" | "done" | "failed" | "interrupted";
  /** Milliseconds, once it has ended. */
  duration: number;
  /** What came of it, unless a task within has said the same. */
  summary: string;
  says: string;
  progress: { readonly done: number; readonly total: number | null; readonly unit: "bytes" | "items" } | null;
  lastLine: string;
  /** The last log lines, once it has failed. */
  tail: readonly string[];
  readonly remarks: Remark[];
  readonly children: TaskNode[];
}

/** Log lines kept of each running step. */
const tailLength = 20;

/** The event stream as a tree of tasks. */
export class TaskTree {
  readonly root: TaskNode = emptyNode("", 0);
  readonly #nodes = new Map<string, TaskNode>([["", this.root]]);
  readonly #logs = new StepLogs(tailLength, "last");

  add(event: Event): void {
    const key = event.path.join("\0");
    if (event.type === "started") {
      const node = emptyNode(printableLine(event.title), event.time);
      const parent = this.#nearest(event.path.slice(0, -1));
      parent.children.push(node);
      // What it said before is no sign of what goes on now.
      parent.lastLine = "";
      this.#nodes.set(key, node);
      return;
    }
    const node = this.#nearest(event.path);
    if (event.type === "log") {
      const latest = this.#logs.add(event.path, event.text).findLast((line) => line.trim() !== "");
      if (latest !== undefined) node.lastLine = printableLine(latest);
    } else if (event.type === "progress") node.progress = event;
    else if (event.type === "finished") {
      this.#finish(node, event);
      this.#nodes.delete(key);
    } else if (event.type !== "measured") {
      const hint = event.type === "warning" ? printableLine(event.hint ?? "") : "";
      node.remarks.push({ kind: event.type, text: printableLine(event.message), hint });
    }
  }

  #finish(node: TaskNode, event: Event & { type: "finished" }): void {
    const { tail } = this.#logs.end(event.path);
    node.state = event.outcome;
    node.duration = event.duration;
    const summary = printableLine(event.summary ?? "");
    const repeated = node.children.some((child) => child.state === "failed" && child.says === summary);
    node.says = summary;
    node.summary = event.outcome === "failed" && repeated ? "" : summary;
    if (event.outcome === "failed") node.tail = tail;
  }

  /** The node of the path, or of the nearest task above it that is known. */
  #nearest(path: readonly string[]): TaskNode {
    for (let length = path.length; length > 0; length--) {
      const node = this.#nodes.get(path.slice(0, length).join("\0"));
      if (node !== undefined) return node;
    }
    return this.root;
  }
}

function emptyNode(title: string, began: number): TaskNode {
  return {
    title,
    began,
    state: "running",
    duration: 0,
    summary: "",
    says: "",
    progress: null,
    lastLine: "",
    tail: [],
    remarks: [],
    children: [],
  };
}
