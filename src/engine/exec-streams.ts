import { once } from "node:events";
import type { Socket } from "node:net";
import { Readable } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import { deliver } from "./demultiplex.ts";

/**
 * The two directions of a running command's connection. A command may end before it has read its input; the engine then
 * closes the connection, and node drops what it has not yet read of the output as soon as a write fails. So output is
 * taken out of the socket at once, and input is written only after what there was to read has been read. What comes in the
 * instant between can still be lost: do not feed more input than a command reads where its output matters.
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
    // Where the output ends the command has ended; docker waits for our side to end as well.
    socket.once("end", () => socket.destroy());
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
    const gone = new AbortController();
    this.#socket.once("close", () => {
      gone.abort();
      input.destroy();
    });
    try {
      const chunks: AsyncIterable<Uint8Array> = input;
      for await (const chunk of chunks) {
        for (const part of partsOf(chunk)) await this.#write(part, gone.signal);
      }
      this.#socket.end();
    } catch (thrown) {
      if (!this.#socket.destroyed) throw thrown;
    }
  }

  close(): void {
    this.#socket.destroy();
    this.output.destroy();
  }

  /** Writes once the output has been read as far as it came. */
  async #write(part: Uint8Array, gone: AbortSignal): Promise<void> {
    if (this.#socket.isPaused()) await once(this.#socket, "resume", { signal: gone });
    // Reading comes before setImmediate's turn in each round of the event loop.
    await nextTurn();
    await deliver(this.#socket, part);
  }
}

const partLength = 65_536;

function* partsOf(chunk: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < chunk.length; start += partLength)
    yield chunk.subarray(start, start + partLength);
}
