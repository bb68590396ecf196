import { exitCodes } from "../../base/failure.ts";
import { printableJson } from "../../base/printable.ts";
import { nothingToSuspend } from "./renderer.ts";
import type { Renderer, Sink } from "./renderer.ts";

/**
 * Everything as JSON lines on standard output: the events as they are, then `{"type":"result","result":...}` or
 * `{"type":"failure",...}`. `##[` is escaped, in which CI runners see commands (workflow.ts).
 */
export function jsonRenderer(stdout: Sink): Renderer {
  const line = (value: unknown) =>
    stdout.write(`${printableJson(value).replace(/##(?=\w*\[)/g, String.raw`#\u0023`)}\n`);
  return {
    report: line,
    suspend: () => nothingToSuspend,
    result: (_, value) => line({ type: "result", result: value }),
    failure: (failure) =>
      line({
        type: "failure",
        fault: failure.fault,
        code: failure.code,
        message: failure.message,
        hint: failure.hint,
        details: failure.details,
        exitCode: exitCodes[failure.fault],
      }),
    close: () => {},
  };
}
