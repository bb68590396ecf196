import type { Readable } from "node:stream";
import { createInterface } from "node:readline";
import { Failure } from "../base/failure.ts";
import { type ProgressAnswer as Progress, ProgressAnswer } from "./answers.ts";

/**
 * Reads a stream of JSON progress messages to its end. Engines answer 200 and put the error into a message of the stream
 * (engines.md 9, 12).
 * @throws Failure with the given code, saying the stream's error.
 */
export async function followProgress(
  stream: Readable,
  code: string,
  action: string,
  each: (message: Progress) => void = () => undefined,
): Promise<void> {
  let error: string | undefined;
  for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) {
    if (line.trim() === "") continue;
    const message = progressOf(line);
    error = message.error ?? message.errorDetail?.message ?? error;
    each(message);
  }
  if (error === undefined) return;
  const full = /no space left on device/i.test(error);
  throw new Failure(
    "infrastructure",
    full ? "disk-full" : code,
    `The engine could not ${action}: ${error.trim()}`,
    {
      hint: full
        ? "Free space on the engine's disk: `debkiln gc`, then `podman system df` or `docker system df`."
        : "The message above is the engine's own; `debkiln doctor` checks what it needs.",
    },
  );
}

/** What a message says to a person: text of the build, or "id: status progress" of a pull. */
export function progressText({ stream, status, id, progress }: Progress): string {
  if (stream !== undefined) return stream;
  if (status === undefined) return "";
  return `${[id === undefined || id === "" ? "" : `${id}:`, status, progress ?? ""].filter((part) => part !== "").join(" ")}\n`;
}

function progressOf(line: string): Progress {
  try {
    return ProgressAnswer.parse(JSON.parse(line));
  } catch {
    return { stream: `${line}\n` };
  }
}
