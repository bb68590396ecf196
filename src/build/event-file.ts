import { type WriteStream, createWriteStream } from "node:fs";
import type { Event } from "../base/event.ts";

/** `events.jsonl`: the events of a build, one JSON object a line, without its log. */
export class EventFile {
  private readonly stream: WriteStream;
  private failure: Error | null = null;

  constructor(path: string) {
    this.stream = createWriteStream(path, { flags: "wx" });
    this.stream.on("error", (error) => {
      this.failure = error;
    });
  }

  write(event: Event): void {
    if (event.type !== "progress") this.stream.write(`${JSON.stringify(event)}\n`);
  }

  /** Writes out what is left. Raises what went wrong with the file. */
  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.stream.end(resolve);
      this.stream.on("error", () => resolve());
    });
    if (this.failure !== null) throw this.failure;
  }
}
