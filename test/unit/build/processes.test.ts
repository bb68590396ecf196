import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { listingCommand, processTree, readProcesses } from "../../../src/build/processes.ts";

const [program = "", ...argv] = listingCommand;
const hex = (text: string) => Buffer.from(text).toString("hex");
const shell = { pid: 7, parent: 0, user: 0, state: "S", age: 3725, busy: 0, name: hex("sh") };
const child = { pid: 9, parent: 7, user: 1234, state: "D", age: 62.4, busy: 5, name: hex("cc1") };
const lines = (...all: readonly object[]) => all.map((each) => `${JSON.stringify(each)}\n`).join("");

test("the listing agrees with the kernel about processes that are known, but does not list itself", async () => {
  const sleeper = spawn("sleep", ["4321.5"], { stdio: "ignore" });
  await once(sleeper, "spawn");
  try {
    const found = readProcesses(execFileSync(program, argv, { encoding: "utf8" }));

    const seen = found.find(({ pid }) => pid === sleeper.pid);
    expect(seen).toMatchObject({ parent: process.pid, user: process.getuid?.(), busy: 0 });
    expect(["sleep 4321.5", "[sleep]"]).toContain(seen?.command.replace(/^.*sleep/, "sleep"));
    expect(found.filter(({ command }) => command.includes("unpack("))).toEqual([]);
  } finally {
    sleeper.kill();
  }
});

test("processes are a tree, each below the one that started it", () => {
  const text = lines(
    child,
    shell,
    { ...child, pid: 12, parent: 5000 },
    { pid: 7, command: hex("sh\0-c\0make all\0") },
  );

  expect(processTree(readProcesses(text))).toEqual([
    "    PID USER     STAT   ELAPSED      TIME COMMAND",
    "      7 root     S      1:02:05      0:00 sh -c make all",
    "      9 builder  D         1:02      0:05  \\_ [cc1]",
    "     12 builder  D         1:02      0:05 [cc1]",
  ]);
});

test("what was listed before a process that hangs counts, and steers no terminal", () => {
  const text = `${lines(shell, { pid: 7, command: hex("sh\0\u001b[2J\nx") })}{"pid":9,"par`;

  expect(readProcesses(text)).toMatchObject([{ pid: 7, command: "sh x" }]);
});

test("processes that call one another their parents, or lie deep, are each listed at most once", () => {
  const pid = fc.integer({ min: 1, max: 8 });
  fc.assert(
    fc.property(fc.array(fc.record({ pid, parent: pid })), (pairs) => {
      const found = readProcesses(lines(...pairs.map((each) => ({ ...shell, ...each }))));

      const listed = processTree(found).slice(1);
      expect(listed.length).toBeLessThanOrEqual(found.length);
      expect(new Set(listed).size).toBe(listed.length);
    }),
  );
});

test("no output of a listing is too odd to be read", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(processTree(readProcesses(text))[0]).toContain("COMMAND");
    }),
  );
});
