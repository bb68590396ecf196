import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Event } from "../../../src/base/event.ts";
import type { Finding } from "../../../src/doctor/finding.ts";
import { mendHost } from "../../../src/doctor/mend.ts";
import { temporaryDirectory } from "./temporary.ts";

function finding(check: string, commands: readonly string[], extra: Partial<Finding> = {}): Finding {
  return { check, status: "error", message: check, fix: { commands, needsRoot: false }, ...extra };
}

describe("mending", () => {
  test("runs the commands, tells them, and gives what is found afterwards", async () => {
    const file = join(temporaryDirectory(), "mended");
    const events: Event[] = [];
    const examine = async () => [
      existsSync(file)
        ? ({ check: "a", status: "ok", message: "a" } as const)
        : finding("a", [`touch ${file}`]),
    ];

    const after = await mendHost(await examine(), { examine, report: (event) => events.push(event) });

    expect(after).toEqual([{ check: "a", status: "ok", message: "a" }]);
    expect(events.map(({ type }) => type)).toEqual(["started", "note", "finished"]);
    expect(events[1]).toMatchObject({ message: `touch ${file}` });
  });

  test("goes on with what a mending uncovers", async () => {
    const file = join(temporaryDirectory(), "order");
    const read = () => (existsSync(file) ? readFileSync(file, "utf8") : "");
    const examine = async () => {
      if (read() === "") return [finding("first", [`echo 1 >> ${file}`])];
      return read() === "1\n" ? [finding("second", [`echo 2 >> ${file}`])] : [];
    };

    const after = await mendHost(await examine(), { examine, report: () => {} });

    expect(after).toEqual([]);
    expect(read()).toBe("1\n2\n");
  });

  test("runs a command that several findings share once, and never the same again", async () => {
    const file = join(temporaryDirectory(), "count");
    const examine = async () => [finding("a", [`echo x >> ${file}`]), finding("b", [`echo x >> ${file}`])];

    const after = await mendHost(await examine(), { examine, report: () => {} });

    expect(readFileSync(file, "utf8")).toBe("x\n");
    expect(after).toHaveLength(2);
  });

  test("leaves alone what needs consent, what is well and what has no fix", async () => {
    const file = join(temporaryDirectory(), "never");
    const commands = [`touch ${file}`];
    const findings: readonly Finding[] = [
      finding("a", commands, { fix: { commands, needsRoot: false, consent: "it destroys" } }),
      finding("b", commands, { status: "ok" }),
      { check: "c", status: "error", message: "c" },
    ];

    const after = await mendHost(findings, { examine: async () => [], report: () => {} });

    expect(after).toBe(findings);
    expect(existsSync(file)).toBe(false);
  });

  test("warns of a command that fails, skips those after it, and shows its output", async () => {
    const file = join(temporaryDirectory(), "after");
    const events: Event[] = [];
    const examine = async () => [finding("a", ["echo broken >&2; exit 3", `touch ${file}`])];

    await mendHost(await examine(), { examine, report: (event) => events.push(event) });

    expect(existsSync(file)).toBe(false);
    expect(events.find(({ type }) => type === "log")).toMatchObject({ text: "broken\n" });
    expect(events.find(({ type }) => type === "warning")).toMatchObject({
      message: "`echo broken >&2; exit 3` failed with exit code 3",
    });
  });

  test("stops after the running command when it is interrupted", async () => {
    const file = join(temporaryDirectory(), "ran");
    const interruption = new AbortController();
    const findings = [finding("a", [`echo 1 >> ${file}`, `echo 2 >> ${file}`])];
    const report = ({ type }: Event) => {
      if (type === "note") interruption.abort();
    };

    const mending = mendHost(findings, { examine: async () => [], report, signal: interruption.signal });

    await expect(mending).rejects.toMatchObject({ fault: "interrupted" });
    expect(readFileSync(file, "utf8")).toBe("1\n");
  });
});
