import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Digest } from "./digest.ts";

/** The digest and the size of bytes that pass one after the other. */
export class Digester {
  readonly #hash = createHash("sha256");
  #sizeBytes = 0;

  /** Of what has passed so far. */
  get digest(): Digest {
    return `sha256:${this.#hash.copy().digest("hex")}`;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  update(chunk: Uint8Array): void {
    this.#hash.update(chunk);
    this.#sizeBytes += chunk.length;
  }

  /** The same chunks, taken account of. */
  async *through<T extends Uint8Array>(chunks: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
    for await (const chunk of chunks) {
      this.update(chunk);
      yield chunk;
    }
  }

  /** A stream that takes account of what passes through it. */
  stream(): Transform {
    return new Transform({
      transform: (chunk: Buffer, _, done) => {
        this.update(chunk);
        done(null, chunk);
      },
    });
  }
}

/** The digest of a file's bytes. @throws the system's error, and the signal's reason. */
export async function digestOfFile(path: string, signal?: AbortSignal): Promise<Digest> {
  const hash = createHash("sha256");
  await pipeline(
    createReadStream(path, { highWaterMark: 256 * 1024 }),
    hash,
    signal === undefined ? {} : { signal },
  );
  return `sha256:${hash.digest("hex")}`;
}
