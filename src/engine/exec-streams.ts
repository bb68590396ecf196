import { once } from "node:events";
import type { Socket } from "node:net";
import { Readable } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import { deliver } from "./demultiplex.ts";

/**
 * The two directions of a running command's connection. A command may end before it has read its input; the engine then
 * closes the connection, and node drops what it has not yet read of the output as soon as a write fails. So output is
 * taken out of the socket at once, and input is written only after what there was to read has been read.
 */
export class ExecStreams {
  readonly output: Readable;
  readonly #socket: Socket;

  /** `hasInput`: whether a failing write may be the command's own end. */
  constructor(socket: Socket, hasInput: boolean) {
    this.#socket = socket;
    this.output = new Readable({ read: () => void socket.resume() });
    const end = () => void (this.output.destroyed || this.output.push(null));
    socket.on("data", (chunk) => {
      if (!this.output.push(chunk)) socket.pause();
    });
    socket.once("end", end);
    socket.once("close", end);
    socket.once("error", (error) => {
      if (hasInput && "code" in error && ["EPIPE", "ECONNRESET"].includes(String(error.code))) end();
      else this.output.destroy(error);
    });
  }

  /**
   * Sends the input and then its end. A command that ends or closes its input early is no failure; an input that breaks is
   * one, for the command would take what it got for the whole.
   */
  async feed(input: Readable): Promise<void> {
    const closed = once(this.#socket, "close").then(ended, ended);
    const chunks: AsyncIterator<Uint8Array> = input[Symbol.asyncIterator]();
    for (;;) {
      const next = await Promise.race([chunks.next(), closed]);
      if (next === null) return;
      if (next.done === true) break;
      for (const part of partsOf(next.value)) {
        await Promise.race([this.#read(), closed]);
        if (this.#socket.destroyed || !(await this.#write(part))) return;
      }
    }
    this.#socket.end();
  }

  close(): void {
    this.#socket.destroy();
    this.output.destroy();
  }

  /** Waits until the output has been read as far as it came. */
  async #read(): Promise<void> {
    while (this.#socket.isPaused() && !this.#socket.destroyed) await once(this.#socket, "resume");
    // Reading comes before setImmediate's turn in each round of the event loop.
    await nextTurn();
  }

  async #write(part: Uint8Array): Promise<boolean> {
    try {
      await deliver(this.#socket, part);
      return true;
    } catch {
      return false;
    }
  }
}

const partLength = 65_536;

function* partsOf(chunk: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < chunk.length; start += partLength)
    yield chunk.subarray(start, start + partLength);
}

function ended(): null {
  return null;
}
