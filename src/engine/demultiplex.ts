import type { Writable } from "node:stream";
import { Failure } from "../base/failure.ts";

/** Where the two output streams of a command go; a missing one is read and dropped. */
export interface Sinks {
  readonly stdout: Writable | undefined;
  readonly stderr: Writable | undefined;
}

/**
 * Splits an attach stream (Docker Engine API, "Stream format": frames of an 8-byte header and a payload) into standard
 * output and error. It reads no further while a sink is full, which holds the command itself; docker-modem's own
 * demultiplexer would buffer everything (apocas/docker-modem `demuxStream` ignores what `write` returns). At its end the sinks
 * have done with all that they got.
 * @throws Failure engine-lost when the stream ends inside a frame or is no such stream; output-closed, or the failure of a sink.
 */
export async function demultiplex(source: AsyncIterable<Uint8Array>, sinks: Sinks): Promise<void> {
  let header = Buffer.alloc(0);
  let remaining = 0;
  let sink: Writable | undefined;
  for (const each of [sinks.stdout, sinks.stderr]) each?.off("error", heard).on("error", heard);
  for await (const data of source) {
    let chunk = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    while (chunk.length > 0) {
      if (remaining > 0) {
        const payload = chunk.subarray(0, remaining);
        chunk = chunk.subarray(payload.length);
        remaining -= payload.length;
        if (sink !== undefined) await deliver(sink, payload);
        continue;
      }
      const missing = headerLength - header.length;
      header = Buffer.concat([header, chunk.subarray(0, missing)]);
      chunk = chunk.subarray(missing);
      if (header.length < headerLength) break;
      sink = sinkOf(header, sinks);
      remaining = header.readUInt32BE(4);
      header = Buffer.alloc(0);
    }
  }
  if (remaining > 0 || header.length > 0) throw brokenStream("it ended inside a frame");
  await Promise.all([flush(sinks.stdout), flush(sinks.stderr)]);
}

const headerLength = 8;

/** A sink's error is raised here; an error event that nobody listens to would end the process as well. */
function heard(): void {}

function sinkOf(header: Buffer, sinks: Sinks): Writable | undefined {
  const stream = header.readUInt8(0);
  if (stream === 0 || stream === 1) return sinks.stdout;
  if (stream === 2) return sinks.stderr;
  throw brokenStream(`stream number ${stream}`);
}

function brokenStream(what: string): Failure {
  return new Failure(
    "infrastructure",
    "engine-lost",
    `The engine's output stream of a command broke: ${what}`,
    {
      hint: "Look at the engine's own log, then run `debkiln doctor`.",
    },
  );
}

/**
 * Writes and waits until the stream takes more.
 * @throws Failure output-closed when the stream cannot be written any more, or the failure that it was destroyed with.
 */
export async function deliver(stream: Writable, chunk: Uint8Array): Promise<void> {
  if (stream.destroyed || stream.writableEnded) throw closed(stream.errored);
  if (!stream.write(chunk)) await unlessClosed(stream, (done) => stream.once("drain", () => done()));
}

/** Waits until a stream has done with what was written to it: a slow one may still hold the end of a command's output. */
async function flush(stream: Writable | undefined): Promise<void> {
  if (stream === undefined) return;
  if (stream.errored !== null) throw closed(stream.errored);
  if (stream.writableLength === 0) return;
  if (stream.destroyed) throw closed(null);
  await unlessClosed(stream, (done) => stream.write(Buffer.alloc(0), done));
}

/** Waits for what `begin` begins. @throws Failure output-closed when it fails or the stream ends before. */
async function unlessClosed(
  stream: Writable,
  begin: (done: (error?: Error | null) => void) => unknown,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const ended = () => reject(closed(stream.errored));
    stream.once("close", ended).once("error", ended);
    begin((error) => {
      stream.off("close", ended).off("error", ended);
      if (error === undefined || error === null) resolve();
      else reject(closed(error));
    });
  });
}

/** What a stream of ours says of its end tells more than that it has ended. */
function closed(cause: Error | null): Failure {
  if (cause instanceof Failure) return cause;
  return new Failure(
    "infrastructure",
    "output-closed",
    "The output of a command could not be written further",
    {
      hint: "The reader of the output went away or its disk is full.",
      ...(cause === null ? {} : { cause }),
    },
  );
}
