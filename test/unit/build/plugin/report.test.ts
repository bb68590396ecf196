import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import type { Event } from "../../../../src/base/event.ts";
import { type Desk, openDesk } from "../../../../src/build/desk.ts";
import { planBuild } from "../../../../src/build/plan.ts";
import { ourPlugins } from "../../../../src/build/plugin/ours/plugins.ts";
import { pluginFailure } from "../../../../src/build/plugin/outcome.ts";
import type { Answer, Plugin, ReportedBuild } from "../../../../src/build/plugin/plugin.ts";
import { askPlugins } from "../../../../src/build/plugin/report.ts";
import { source, stanza } from "../chain/chain-source.ts";
import { result } from "../result-fixture.ts";

const { request } = source(stanza("xx", [], "Package: xx\nArchitecture: any"));
const plan = planBuild(request);

describe("askPlugins", () => {
  let directory = "";
  let desk: Desk;
  const events: Event[] = [];
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "debkiln-plugins-"));
    events.length = 0;
    const staging = {
      path: directory,
      keep: () => Promise.resolve(),
      [Symbol.asyncDispose]: async () => undefined,
    };
    const report = (event: Event) => void events.push(event);
    desk = await openDesk(plan, staging, { report, signal: new AbortController().signal });
  });
  afterEach(async () => {
    await desk.log.close();
    await desk.events.close();
    await rm(directory, { recursive: true });
  });

  /** Of a plugin of which nobody has checked what it gives. */
  const ask = (given: unknown) => {
    const report = z.custom<Plugin["report"]>().parse(given);
    return askPlugins([{ apiVersion: 1, name: "mine", options: { a: 1 }, report }], desk, result);
  };

  test("tells a plugin of the build, and keeps what it gives", async () => {
    desk.answers.set("mine", { os: { exitCode: 0, output: "13\n" } });

    const outcomes = await ask(({ name, answers, options }: ReportedBuild) => ({
      lines: [`${name} ${answers["os"]?.output ?? ""} ${JSON.stringify(options)}`],
      files: [{ ending: "txt", text: "hi\n" }],
    }));

    const file = `${plan.name}.mine.txt`;
    expect(outcomes).toMatchObject([{ name: "mine", status: "done", files: [file] }]);
    expect(outcomes[0]?.lines[0]).toContain('{"a":1}');
    expect(outcomes[0]?.lines[0]).not.toContain("\n");
    expect(await readFile(join(directory, file), "utf8")).toBe("hi\n");
    expect(pluginFailure(outcomes)).toBeNull();
  });

  test("gives it a copy that cannot be changed", async () => {
    const outcomes = await ask((build: { result: { source: { name: string } } }) => {
      build.result.source.name = "another";
      return {};
    });

    expect(outcomes).toMatchObject([{ status: "failed", lines: [expect.stringContaining("read only")] }]);
    expect(result.source.name).not.toBe("another");
  });

  test.each([
    ["throws", () => Promise.reject(new Error("no\u001b[31m")), "no"],
    ["gives nothing", () => undefined, "what it gives is not of the right form"],
    ["gives what it must not", () => ({ artifacts: [] }), "what it gives is not of the right form"],
    ["gives a path", () => ({ files: [{ ending: "../../x", text: "" }] }), "files.0.ending"],
    [
      "gives a file twice",
      () => ({
        files: [
          { ending: "a", text: "" },
          { ending: "a", text: "" },
        ],
      }),
      "EEXIST",
    ],
  ])("takes nothing from one that %s, and says so", async (_, report, message) => {
    const outcomes = await ask(report);

    expect(outcomes).toMatchObject([{ status: "failed", lines: [expect.stringContaining(message)] }]);
    expect(outcomes[0]?.lines[0]).not.toContain("\u001b");
    expect(pluginFailure(outcomes)).toMatchObject({ fault: "infrastructure", code: "plugin-failed" });
    expect(events.map(({ type }) => type)).toContain("warning");
    expect((await readdir(directory)).filter((name) => name.includes("x"))).not.toContain("x");
  });

  test("asks the next when one fails", async () => {
    const options = {};
    const outcomes = await askPlugins(
      [
        { apiVersion: 1, name: "first", options, report: () => Promise.reject(new Error("no")) },
        { apiVersion: 1, name: "second", options, report: () => ({ lines: ["yes"] }) },
      ],
      desk,
      result,
    );

    expect(outcomes.map(({ name, status }) => [name, status])).toEqual([
      ["first", "failed"],
      ["second", "done"],
    ]);
  });
});

describe("debkiln's own plugins", () => {
  const told: ReportedBuild = {
    name: "xx_1.0_amd64",
    result,
    base: [{ name: "dpkg", version: "1", architecture: "amd64" }],
    packages: [],
    answers: {},
    options: {},
  };
  const given = async (name: string, answers: Readonly<Record<string, Answer>>) =>
    await ourPlugins.find((each) => each.name === name)?.report({ ...told, answers });

  test("say so when there was no container to look into", async () => {
    for (const name of ["package-state", "hw-info"])
      expect(await given(name, {})).toEqual({ lines: ["not known: there was no container to look into"] });
  });

  test("tell the packages, and what changed among them", async () => {
    const before = { exitCode: 0, output: "sl:amd64 5 100\ndpkg:amd64 1 10\n" };
    const after = { exitCode: 0, output: "dpkg:amd64 2 10\nsl:amd64 5 100\n" };

    expect(await given("package-state", { before, after: before })).toMatchObject({
      lines: ["2 packages, 1 beyond the base; the same after the build"],
      files: [{ ending: "installed.log", text: "dpkg:amd64 1 10\nsl:amd64 5 100\n" }],
    });
    expect(await given("package-state", { before, after })).toMatchObject({
      lines: ["2 packages, 1 beyond the base; 2 changes during the build"],
      files: [{}, { ending: "changes.log", text: "-dpkg:amd64 1 10\n+dpkg:amd64 2 10\n" }],
    });
  });

  test("tell the machine", async () => {
    const answers = {
      kernel: { exitCode: 0, output: "Linux 6.1 #1 SMP x86_64\n" },
      processors: { exitCode: 0, output: "CPU(s):    4\nModel name:    A Processor\n" },
      memory: { exitCode: 0, output: "MemTotal:  1048576 kB\n" },
    };

    expect(await given("hw-info", answers)).toMatchObject({
      lines: ["4 of A Processor, 1.1 GB of memory, Linux 6.1"],
      files: [{ ending: "log", text: expect.stringContaining("processors:\nCPU(s):    4\n") }],
    });
  });

  test("tell what each phase took, and leave out what is not known", async () => {
    const phases = [
      { name: "start", seconds: 1, resources: null },
      { name: "build", seconds: 2, resources: { cpuSeconds: 1.5, unknown: { diskBytes: "no" } } },
    ];
    const plugin = ourPlugins.find(({ name }) => name === "resource-report");

    expect(await plugin?.report({ ...told, result: { ...result, phases } })).toMatchObject({
      lines: ["start: 1.0 s", "build: 2.0 s, 1.5 s of processor time"],
      files: [
        { ending: "json" },
        {
          ending: "tsv",
          text:
            "phase\tseconds\tcpuSeconds\tpeakMemoryBytes\treadBytes\twrittenBytes\tdiskBytes\n" +
            "start\t1\t\t\t\t\t\nbuild\t2\t1.5\t\t\t\t\n",
        },
      ],
    });
  });
});
