import { PassThrough, type Readable, type Writable } from "node:stream";
import { asError } from "./as-error.ts";

/**
 * Lets one side write what the other reads, and gives what the reader makes of it. Where `write` comes to its end the stream ends, and
 * what the reader did not want is dropped. A side that fails ends the other, so that neither waits for ever for one that has gone:
 * the first failure of the two is raised, which is the cause of the second. `write` has to look out for the end of the stream, as
 * `Container.run` does: Node tells it by "close", while a write that it has begun with is never called back.
 */
export async function piped<T>(
  write: (output: Writable) => Promise<void>,
  read: (input: Readable) => Promise<T>,
  { highWaterMark = 64 * 1024 }: { readonly highWaterMark?: number } = {},
): Promise<T> {
  const stream = new PassThrough({ highWaterMark });
  // Both sides hear of it by what they wait for; an error that nobody listens to would end the process.
  stream.on("error", () => undefined);
  const failures: unknown[] = [];
  const failed = (thrown: unknown) => {
    failures.push(thrown);
    stream.destroy(asError(thrown));
  };
  const reading = read(stream);
  await Promise.all([
    write(stream).then(() => void stream.end(), failed),
    reading.then(() => void stream.resume(), failed),
  ]);
  if (failures.length > 0) throw failures[0];
  return await reading;
}
