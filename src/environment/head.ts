import { Writable } from "node:stream";

/** Keeps the first bytes of what is written to it, and drops the rest: what runs in a container may print without end. */
export class Head extends Writable {
  readonly #longest: number;
  readonly #chunks: Buffer[] = [];
  #kept = 0;
  #written = 0;

  constructor(longest: number) {
    super();
    this.#longest = longest;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  get text(): string {
    return this.bytes.toString("utf8");
  }

  /** Whether nothing was dropped. */
  get isWhole(): boolean {
    return this.#written === this.#kept;
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.#written += chunk.length;
    const taken = chunk.subarray(0, this.#longest - this.#kept);
    this.#kept += taken.length;
    if (taken.length > 0) this.#chunks.push(taken);
    done();
  }
}
