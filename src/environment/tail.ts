import { Writable } from "node:stream";
import type { Task } from "../base/event.ts";

const limit = 1024 * 1024;

/** Keeps the last MiB of what is written to it, and passes it on to a task's log when there is one. */
export class Tail extends Writable {
  private readonly task: Task | null;
  private chunks: Buffer[] = [];
  private size = 0;

  constructor(task: Task | null) {
    super();
    this.task = task;
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString("utf8");
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    this.task?.log(chunk.toString("utf8"));
    this.chunks.push(chunk);
    this.size += chunk.length;
    while (this.size > limit && this.chunks.length > 1) this.size -= this.chunks.shift()?.length ?? 0;
    done();
  }
}
