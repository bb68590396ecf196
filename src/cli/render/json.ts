import { exitCodes } from "../../base/failure.ts";
import { printableJson } from "../../base/printable.ts";
import type { Renderer, Sink } from "./renderer.ts";

/**
 * Everything as JSON lines on standard output: the events as they are, then `{"type":"result","result":...}` or
 * `{"type":"failure",...}`.
 */
export function jsonRenderer(stdout: Sink): Renderer {
  const line = (value: unknown) => stdout.write(`${printableJson(value)}\n`);
  return {
    report: line,
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
