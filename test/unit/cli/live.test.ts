import { describe, expect, test } from "vitest";
import { columnsOf, fit } from "../../../src/cli/render/columns.ts";
import { asciiMarks, drawFinal, drawRunning } from "../../../src/cli/render/draw-task.ts";
import { LiveArea } from "../../../src/cli/render/live-area.ts";
import { LogLines } from "../../../src/cli/render/log-lines.ts";
import { chooseStyle } from "../../../src/cli/render/style.ts";
import { TaskTree } from "../../../src/cli/render/task-tree.ts";
import { tell, tellFailingBuild, Written } from "./scripted.ts";

const view = { style: chooseStyle("never", {}, {}), marks: asciiMarks, now: 10_000, columns: 60 };

function treeOf(script: (renderer: { report: TaskTree["add"] }) => void): TaskTree {
  const tree = new TaskTree();
  script({ report: (event) => tree.add(event) });
  return tree;
}

function onlyTask(tree: TaskTree) {
  const [node] = tree.root.children;
  if (node === undefined) throw new Error("the script starts a task");
  return node;
}

describe("the picture of tasks", () => {
  test("ends as a compact list with the log's end under the failed step", () => {
    const tree = treeOf(tellFailingBuild);

    expect(drawFinal(onlyTask(tree), view)).toEqual([
      "x Building sl  5.0 s",
      "  + Install packages  1.5 s  3 packages",
      "    ! vfs is slow",
      "      hint: Use overlay",
      "  x Build  3.0 s  make failed",
      "    | gcc sl.c",
      "    | ::set-output name=a::b",
      "    | make: *** Error 1",
      "  - 28 of 31 were there",
    ]);
  });

  test("shows the running step's elapsed time and last log line", () => {
    const tree = treeOf((renderer) => {
      tell(renderer, "sl", 0, { type: "started", title: "Building sl" });
      tell(renderer, "sl/build", 6, { type: "started", title: "Build" });
      tell(renderer, "sl/build", 7, { type: "log", text: "gcc a.c\ngcc b" });
    });

    expect(drawRunning(onlyTask(tree), view, 20)).toEqual([
      "> Building sl  10 s",
      "  > Build  4.0 s",
      "    gcc a.c",
    ]);
  });

  test("shows no line of a task that is older than the step within it", () => {
    const tree = treeOf((renderer) => {
      tell(renderer, "base", 0, { type: "started", title: "Bootstrap trixie" });
      tell(renderer, "base", 1, { type: "log", text: "I: using /tmp/x as tempdir\n" });
      tell(renderer, "base/download", 2, { type: "started", title: "Download packages" });
    });

    expect(drawRunning(onlyTask(tree), view, 20)).toEqual([
      "> Bootstrap trixie  10 s",
      "  > Download packages  8.0 s",
    ]);
  });

  test("shows a download as a bar, and steps from the cache with their own mark", () => {
    const tree = treeOf((renderer) => {
      tell(renderer, "sl", 0, { type: "started", title: "Building sl" });
      tell(renderer, "sl/resolve", 0, { type: "started", title: "Resolve" });
      tell(renderer, "sl/resolve", 1, {
        type: "finished",
        outcome: "done",
        duration: 1000,
        summary: "cached",
      });
      tell(renderer, "sl/fetch", 8, { type: "started", title: "Fetch" });
      tell(renderer, "sl/fetch", 9, { type: "progress", done: 10e6, total: 40e6, unit: "bytes" });
    });

    expect(drawRunning(onlyTask(tree), view, 20)).toEqual([
      "> Building sl  10 s",
      "  = Resolve  1.0 s  cached",
      "  > Fetch  2.0 s  ######.................. 10 MB of 40 MB",
    ]);
  });

  test("keeps to the terminal's height by leaving finished parts out first", () => {
    const tree = treeOf((renderer) => {
      tell(renderer, "sl", 0, { type: "started", title: "Building sl" });
      for (let part = 0; part < 30; part++) {
        tell(renderer, `sl/${part}`, 0, { type: "started", title: `Part ${part}` });
        if (part < 28) tell(renderer, `sl/${part}`, 1, { type: "finished", outcome: "done", duration: 1000 });
      }
    });

    expect(drawRunning(onlyTask(tree), view, 5)).toEqual([
      "> Building sl  10 s",
      "  > Part 28  10 s",
      "  > Part 29  10 s",
    ]);
    expect(drawRunning(onlyTask(tree), view, 2)).toHaveLength(2);
  });

  test.each([20, 40, 80])("never draws a line of %i columns or more", (columns) => {
    const long = "長い名前".repeat(40);
    const tree = treeOf((renderer) => {
      tell(renderer, "a", 0, { type: "started", title: long });
      tell(renderer, "a/b", 0, { type: "started", title: long });
      tell(renderer, "a/b", 0, { type: "log", text: `${long}\n` });
      tell(renderer, "a/b", 0, { type: "warning", message: long, hint: long });
    });

    const lines = drawRunning(onlyTask(tree), { ...view, columns }, 20);

    expect(lines.map(columnsOf).filter((width) => width >= columns)).toEqual([]);
  });

  test("gives events of unknown tasks to the task above", () => {
    const tree = treeOf((renderer) => tell(renderer, "never/started", 0, { type: "note", message: "hello" }));

    expect(tree.root.remarks).toEqual([{ kind: "note", text: "hello", hint: "" }]);
  });
});

describe("LiveArea", () => {
  test("redraws in place, and lets finished lines stay above", () => {
    const screen = new Written();
    const area = new LiveArea(screen);

    area.update([], ["a", "b"]);
    screen.text = "";
    area.update(["done"], ["b"]);

    expect(screen.text).toBe("\u001b[?2026h\r\u001b[2Adone\u001b[K\nb\u001b[K\n\u001b[J\u001b[?2026l");
  });

  test("writes nothing when nothing changed", () => {
    const screen = new Written();
    const area = new LiveArea(screen);

    area.update([], ["a"]);
    screen.text = "";
    area.update([], ["a"]);

    expect(screen.text).toBe("");
  });

  test("counts the rows that lines take after the terminal became narrower", () => {
    const screen = new Written();
    const area = new LiveArea(screen);

    area.update([], ["x".repeat(70), "\u001b[1m語\u001b[22m"]);
    screen.columns = 30;
    area.update([], ["x"]);

    expect(screen.text).toContain("\r\u001b[4Ax");
  });

  test("never goes above the top of the terminal", () => {
    const screen = new Written();
    const area = new LiveArea(screen);

    area.update([], ["a", "b", "c", "d"]);
    screen.rows = 3;
    area.update([], ["e"]);

    expect(screen.text).toContain("\u001b[2Ae");
  });
});

describe("columns", () => {
  test.each([
    ["abc", 3],
    ["日本", 4],
    ["e\u0301", 1],
    ["🦀", 2],
    ["✓ ok", 4],
  ])("of %j are %i", (text, columns) => {
    expect(columnsOf(text)).toBe(columns);
  });

  test("cut a line with an ellipsis, never through a wide character", () => {
    expect(fit("abcdef", 6)).toBe("abcdef");
    expect(fit("abcdef", 4)).toBe("abc…");
    expect(fit("日本語", 4)).toBe("日…");
    expect(fit("abc", 0)).toBe("");
  });
});

describe("LogLines", () => {
  test("joins what comes in pieces, and shows the last state of overwritten lines", () => {
    const lines = new LogLines();

    expect(lines.add("one\r\ntw")).toEqual(["one"]);
    expect(lines.add("o\n10%\r50%\r100%\n\n")).toEqual(["two", "100%", ""]);
    expect(lines.add("rest\u001b[")).toEqual([]);
    expect(lines.add("0m")).toEqual([]);
    expect(lines.end()).toEqual(["rest"]);
    expect(lines.end()).toEqual([]);
  });

  test("cuts endless lines", () => {
    const lines = new LogLines();

    for (let piece = 0; piece < 100; piece++) lines.add("x".repeat(1000));
    const [line] = lines.end();

    expect(line?.length).toBeLessThan(4100);
  });
});
