import { failureText } from "./failure-text.ts";
import { drawFinal, drawRemark, drawRunning } from "./draw-task.ts";
import type { Marks, View } from "./draw-task.ts";
import { LiveArea } from "./live-area.ts";
import type { Screen } from "./live-area.ts";
import type { Renderer, Sink } from "./renderer.ts";
import type { Style } from "./style.ts";
import { TaskTree } from "./task-tree.ts";

export interface LiveOptions {
  readonly screen: Screen;
  readonly stdout: Sink;
  readonly style: Style;
  readonly marks: Marks;
  readonly verbose: boolean;
  readonly now: () => number;
}

/** At most ten pictures a second (milliseconds). */
const period = 100;

/**
 * A calm picture for terminals: what runs is redrawn in place below what has ended, which stays as a compact list.
 * A failed step leaves its last log lines.
 */
export function liveRenderer({ screen, stdout, style, marks, verbose, now }: LiveOptions): Renderer {
  const tree = new TaskTree();
  const area = new LiveArea(screen);
  let suspended = false;
  const view = (): View => ({ style, marks, now: now(), columns: screen.columns });

  const takeFinal = () => {
    const { children, remarks } = tree.root;
    const ended = children.findIndex((node) => node.state === "running") >>> 0;
    const wholeView = { ...view(), columns: Infinity };
    return [
      ...remarks.splice(0).flatMap((remark) => drawRemark(remark, wholeView, 0)),
      ...children.splice(0, ended).flatMap((node) => drawFinal(node, wholeView)),
    ];
  };

  const draw = () => {
    if (suspended) return;
    let room = screen.rows - 1;
    const final = takeFinal();
    const running = tree.root.children.flatMap((node) => {
      const lines = drawRunning(node, view(), room);
      room -= lines.length;
      return lines;
    });
    area.update(final, running);
  };

  const timer = setInterval(draw, period);
  timer.unref();

  const close = () => {
    clearInterval(timer);
    suspended = false;
    for (const node of tree.root.children) if (node.state === "running") node.state = "interrupted";
    draw();
  };

  return {
    report: (event) => tree.add(event),
    suspend: () => {
      area.update(takeFinal(), []);
      suspended = true;
      return {
        [Symbol.dispose]: () => {
          suspended = false;
        },
      };
    },
    result: (text) => {
      area.update(takeFinal(), []);
      stdout.write(text);
    },
    failure: (failure) => {
      close();
      screen.write(failureText(failure, { style, verbose }));
    },
    close,
  };
}
