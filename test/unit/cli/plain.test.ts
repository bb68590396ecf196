import { describe, expect, test } from "vitest";
import { Failure } from "../../../src/base/failure.ts";
import { jsonRenderer } from "../../../src/cli/render/json.ts";
import { plainRenderer } from "../../../src/cli/render/plain.ts";
import { chooseStyle } from "../../../src/cli/render/style.ts";
import { harmless, workflowRenderer } from "../../../src/cli/render/workflow.ts";
import { tell, tellFailingBuild, Written } from "./scripted.ts";

const style = chooseStyle("never", {}, {});

function open(volume: "quiet" | "normal" | "verbose", form = plainRenderer) {
  const [stdout, stderr] = [new Written(), new Written()];
  return { stdout, stderr, renderer: form({ stdout, stderr, style, volume }) };
}

describe("plain output", () => {
  test("is a line per start and finish, with the log's end where a step fails", () => {
    const { stderr, renderer } = open("normal");

    tellFailingBuild(renderer);

    expect(stderr.text.split("\n")).toEqual([
      "[   0.0 s] sl: Building sl",
      "[   0.5 s] sl/install: Install packages",
      "[   1.0 s] sl/install: warning: vfs is slow",
      "[   1.0 s] sl/install: hint: Use overlay",
      "[   2.0 s] sl/install: done in 1.5 s, 3 packages",
      "[   2.0 s] sl: 28 of 31 were there",
      "[   2.0 s] sl/build: Build",
      "[   5.0 s] sl/build: failed after 3.0 s: make failed",
      "| gcc sl.c",
      "| ::set-output name=a::b",
      "| make: *** Error 1",
      "[   5.0 s] sl: failed after 5.0 s",
      "",
    ]);
  });

  test("passes the logs through when verbose", () => {
    const { stderr, renderer } = open("verbose");

    tellFailingBuild(renderer);

    expect(stderr.text).toContain("| Setting up libc6\n");
    expect(stderr.text.match(/\| gcc sl\.c/g)).toHaveLength(1);
  });

  test("is warnings and failures only when quiet", () => {
    const { stderr, renderer } = open("quiet");

    tellFailingBuild(renderer);

    expect(stderr.text).not.toContain("Install packages");
    expect(stderr.text).toContain("warning: vfs is slow");
    expect(stderr.text).toContain("sl/build: failed");
  });

  test("shows a line of the log each minute as a sign of life", () => {
    const { stderr, renderer } = open("normal");

    tell(renderer, "sl", 0, { type: "started", title: "Building" });
    for (let second = 1; second <= 130; second++)
      tell(renderer, "sl", second, { type: "log", text: `${second}\n` });

    expect(stderr.text).toBe("[   0.0 s] sl: Building\n[  61.0 s] sl: ... 61\n[ 122.0 s] sl: ... 122\n");
  });

  test("cuts a compiler's command line that is shown so", () => {
    const { stderr, renderer } = open("normal");

    tell(renderer, "sl", 0, { type: "started", title: "Building" });
    tell(renderer, "sl", 1, { type: "log", text: "gcc\n" });
    tell(renderer, "sl", 62, { type: "log", text: `gcc ${"-fno-x ".repeat(60)}\n` });

    expect(stderr.text.split("\n").at(-2)).toMatch(/^\[ {2}62\.0 s\] sl: \.{3} gcc (-fno-x )+.*…$/);
    expect(stderr.text.split("\n").at(-2)).toHaveLength("[  62.0 s] sl: ... ".length + 100);
  });

  test("keeps the twenty last lines of a failing step", () => {
    const { stderr, renderer } = open("normal");

    tell(renderer, "sl", 0, { type: "started", title: "Building" });
    for (let line = 1; line <= 50; line++) tell(renderer, "sl", 1, { type: "log", text: `line ${line}\n` });
    tell(renderer, "sl", 2, { type: "finished", outcome: "failed", duration: 2000 });

    const shown = stderr.text.split("\n").filter((line) => line.startsWith("| "));
    expect(shown).toHaveLength(20);
    expect(shown.at(0)).toBe("| line 31");
  });

  test("puts results on standard output and failures on standard error", () => {
    const { stdout, stderr, renderer } = open("normal");

    renderer.result("a.deb\n", ["a.deb"]);
    renderer.failure(
      new Failure("package", "build-failed", "It failed\nbadly \u001b[2J", { hint: "Mend it" }),
    );

    expect(stdout.text).toBe("a.deb\n");
    expect(stderr.text).toBe("error: It failed\n  badly\nhint: Mend it\n");
  });

  test("tells the details of a failure only when verbose, and the stack only of faults in debkiln", () => {
    const building = open("verbose");
    const internal = open("verbose");

    building.renderer.failure(new Failure("package", "build-failed", "No", { details: { exitCode: 2 } }));
    internal.renderer.failure(new Failure("internal", "unexpected", "Oops", { cause: new TypeError("x") }));

    expect(building.stderr.text).toBe("error: No\n  code: build-failed (package)\n  exitCode: 2\n");
    expect(internal.stderr.text).toContain("TypeError: x\n      at ");
  });
});

describe("output for workflow runners", () => {
  test("folds logs into groups and annotates warnings and failures", () => {
    const { stderr, renderer } = open("normal", workflowRenderer);

    tellFailingBuild(renderer);
    renderer.failure(new Failure("package", "build-failed", "50% failed\nbadly", { hint: "Mend it" }));

    expect(stderr.text.split("\n")).toEqual([
      "[   0.0 s] sl: Building sl",
      "[   0.5 s] sl/install: Install packages",
      "::group::Install packages",
      "| Setting up libc6",
      "::endgroup::",
      "::warning title=debkiln%3A sl/install::vfs is slow%0Ahint: Use overlay",
      "[   2.0 s] sl/install: done in 1.5 s, 3 packages",
      "[   2.0 s] sl: 28 of 31 were there",
      "[   2.0 s] sl/build: Build",
      "::group::Build",
      "| gcc sl.c",
      "| ::set-output name=a::b",
      "| make: *** Error 1",
      "::endgroup::",
      "[   5.0 s] sl/build: failed after 3.0 s: make failed",
      "[   5.0 s] sl: failed after 5.0 s",
      "::error title=debkiln%3A build-failed::50%25 failed%0Abadly%0Ahint: Mend it",
      "error: 50% failed",
      "  badly",
      "hint: Mend it",
      "",
    ]);
  });

  test("puts results and failures on the page of the job, as blocks that no text ends", () => {
    const page: string[] = [];
    const form: typeof plainRenderer = (options) =>
      workflowRenderer({ ...options, summary: (markdown) => void page.push(markdown) });
    const { renderer } = open("normal", form);

    renderer.result("sl 5.02-1:\n  ```\n  <b>\u001b[31m", {});
    renderer.failure(new Failure("package", "build-failed", "No", { hint: "Mend it" }));

    expect(page).toEqual([
      expect.stringMatching(/^\n {4}sl 5\.02-1:\n {6}```\n {6}<b>[^\u001b]*\n\n$/),
      "\n    error: No\n    hint: Mend it\n\n",
    ]);
  });

  test("does not let the logs of parallel steps cut each other up", () => {
    const { stderr, renderer } = open("normal", workflowRenderer);

    for (const name of ["a", "b"]) tell(renderer, name, 0, { type: "started", title: name });
    for (const text of ["1\n", "2\n"]) {
      for (const name of ["a", "b"]) tell(renderer, name, 0, { type: "log", text: name + text });
    }
    tell(renderer, "b", 1, { type: "finished", outcome: "done", duration: 1 });

    expect(stderr.text).toContain(
      "::group::a\n| a1\n| a2\n::endgroup::\n::group::b\n| b1\n| b2\n::endgroup::\n",
    );
  });

  test.each([
    "::set-output name=a::b",
    "  ::error::x",
    "a ##[command]rm",
    "\n::add-path::/x",
    "##vso[task.x]",
  ])("makes %j harmless", (text) => {
    expect(harmless(text)).not.toMatch(/^\s*::|##\w*\[/m);
  });

  test("gives package texts no way to be a command", () => {
    const { stderr, renderer } = open("normal", workflowRenderer);

    tell(renderer, "a\n::error::x", 0, { type: "started", title: "x\r\n::warning::y" });
    tell(renderer, "a\n::error::x", 0, { type: "log", text: "z\n  ::add-mask::q\n##[error]p\n" });
    tell(renderer, "a\n::error::x", 0, { type: "warning", message: "w%\n::debug::v\u2028::debug::u" });

    const commands = stderr.text.match(/^\s*::[a-z-]+|##\[\w+/gm);
    expect(commands).toEqual(["::group", "::endgroup", "::warning"]);
  });
});

describe("JSON output", () => {
  test("is one JSON value per line: events, result, failure", () => {
    const stdout = new Written();
    const renderer = jsonRenderer(stdout);

    tell(renderer, "sl/build", 1, { type: "log", text: "\u009b31m ##[error]x\n" });
    renderer.result("ignored", ["a.deb"]);
    renderer.failure(new Failure("dependency", "unsatisfiable", "No libfoo", { hint: "Add it" }));

    expect(stdout.text).not.toMatch(/\u009b|##\[/);
    expect(
      stdout.text
        .trimEnd()
        .split("\n")
        .map((line): unknown => JSON.parse(line)),
    ).toEqual([
      { type: "log", path: ["sl", "build"], time: 1000, text: "\u009b31m ##[error]x\n" },
      { type: "result", result: ["a.deb"] },
      {
        type: "failure",
        fault: "dependency",
        code: "unsatisfiable",
        message: "No libfoo",
        hint: "Add it",
        details: {},
        exitCode: 4,
      },
    ]);
  });
});

describe("chooseStyle", () => {
  const terminal = { isTTY: true };

  test.each([
    ["auto", terminal, {}, true],
    ["auto", {}, {}, false],
    ["auto", terminal, { NO_COLOR: "1" }, false],
    ["auto", terminal, { NO_COLOR: "" }, true],
    ["auto", terminal, { TERM: "dumb" }, false],
    ["auto", {}, { CLICOLOR_FORCE: "1" }, true],
    ["auto", {}, { CLICOLOR_FORCE: "0" }, false],
    ["auto", {}, { CLICOLOR_FORCE: "1", NO_COLOR: "1" }, false],
    ["always", {}, { NO_COLOR: "1" }, true],
    ["never", terminal, { CLICOLOR_FORCE: "1" }, false],
  ] as const)("%s for %j with %j", (choice, stream, environment, coloured) => {
    expect(chooseStyle(choice, stream, environment).good("x") !== "x").toBe(coloured);
  });
});
