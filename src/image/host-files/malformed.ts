import { Failure } from "../../base/failure.ts";

/** The failure of a file of the image that is not in its form. */
export function malformed(message: string, hint: string): Failure {
  return new Failure("package", "bad-host-file", message, { hint });
}

/** A file's lines without their ends, as most readers of line-based files take them: `\n` or `\r\n`, the last one optional. */
export function linesOf(text: string): string[] {
  const lines = text.split("\n").map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
  if (lines.at(-1) === "") lines.pop();
  return lines;
}
