import { readFile } from "node:fs/promises";
import { PassThrough, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import type { Hook } from "../../../../src/build/hook/hook.ts";
import { runOnHost } from "../../../../src/build/hook/on-host.ts";

const hook: Hook = {
  name: "mine",
  point: "pre-build",
  command: "true",
  place: "host",
  user: "builder",
  timeoutMs: 60_000,
};

/** Runs a command as a hook; gives how it ended and what it printed. */
async function run(more: Partial<Hook>, signal = new AbortController().signal) {
  const output = new PassThrough();
  const printed = text(output);
  const asked = { hook: { ...hook, ...more }, input: '{"x": 1}\n', variables: { X: "y" }, output, signal };
  const end = await runOnHost(asked, { directory: "/", environment: { PATH: process.env["PATH"] ?? "" } });
  output.end();
  return { end, printed: await printed };
}

/** Whether the process runs whose id was printed first; what is dead may still wait for its parent. */
async function runs(printed: string): Promise<boolean> {
  const [, id = "none"] = /^(\d+)$/m.exec(printed) ?? [];
  const status = await readFile(`/proc/${id}/stat`, "utf8").catch(() => "");
  return id === "none" || (status !== "" && !/\) [ZX] /.test(status));
}

test("a hook on the host reads its context, and has variables and a directory", async () => {
  const { end, printed } = await run({ command: 'cat; echo "$X"; pwd; echo oh >&2' });

  expect(end).toEqual({ exitCode: 0, killedBy: null, isLate: false });
  expect(printed).toMatch(/^{"x": 1}\ny\n\/\noh\n$|oh\n.*{"x": 1}/s);
});

test("one that reads nothing and fails tells its exit code", async () => {
  const { end } = await run({ command: "exec <&-; exit 7" });

  expect(end).toEqual({ exitCode: 7, killedBy: null, isLate: false });
});

test("one whose time is up ends with all that it started", async () => {
  const command = "sleep 1000 & echo $!; trap : TERM; while :; do sleep 1000; done";
  const { end, printed } = await run({ command, timeoutMs: 300 });

  expect(end).toMatchObject({ killedBy: "SIGKILL", isLate: true });
  await expect.poll(() => runs(printed)).toBe(false);
});

test("one that ends leaves nothing running that it started", async () => {
  const { end, printed } = await run({ command: "sleep 1000 & echo $!" });

  expect(end.exitCode).toBe(0);
  await expect.poll(() => runs(printed)).toBe(false);
});

test("one is ended when the work is told to stop, and is not late", async () => {
  const { end } = await run({ command: "exec sleep 1000" }, AbortSignal.abort());

  expect(end).toEqual({ exitCode: 128, killedBy: "SIGTERM", isLate: false });
});

test("one whose output nobody can take any more is ended", async () => {
  const full = new Writable({ write: (_chunk, _encoding, done) => done(new Error("no space")) });
  full.on("error", () => undefined);
  const asked = {
    hook: { ...hook, command: "yes" },
    input: "",
    variables: {},
    output: full,
    signal: new AbortController().signal,
  };

  await expect(runOnHost(asked, { directory: "/", environment: process.env })).rejects.toThrow("no space");
});
