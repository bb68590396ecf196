/** Bytes that come in pieces, taken in the lengths that a format has. */
export class ByteQueue {
  readonly #source: AsyncIterator<Uint8Array>;
  #pieces: Buffer[] = [];
  #length = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** The next bytes, without taking them: fewer only at the end. */
  async peek(length: number): Promise<Buffer> {
    while (this.#length < length && (await this.#more()));
    if (this.#pieces.length > 1) this.#pieces = [Buffer.concat(this.#pieces)];
    return (this.#pieces[0] ?? Buffer.alloc(0)).subarray(0, length);
  }

  /** The next bytes: fewer only at the end. */
  async take(length: number): Promise<Buffer> {
    const bytes = Buffer.from(await this.peek(length));
    this.#drop(bytes.length);
    return bytes;
  }

  /** Passes over so many bytes. Gives how many there were. */
  async skip(length: number): Promise<number> {
    let left = length;
    while (left > 0) {
      if (this.#length === 0 && !(await this.#more())) break;
      left -= this.#drop(Math.min(left, this.#length));
    }
    return length - left;
  }

  /** Everything that is left, as it comes. */
  async *rest(): AsyncGenerator<Uint8Array, void, undefined> {
    do {
      const pieces = this.#pieces;
      [this.#pieces, this.#length] = [[], 0];
      yield* pieces;
    } while (await this.#more());
  }

  /** Lets go of the source. */
  async close(): Promise<void> {
    await this.#source.return?.();
  }

  async #more(): Promise<boolean> {
    const { value, done } = await this.#source.next();
    if (done === true) return false;
    this.#pieces.push(Buffer.from(value.buffer, value.byteOffset, value.byteLength));
    this.#length += value.byteLength;
    return true;
  }

  #drop(length: number): number {
    let left = length;
    while (left > 0) {
      const [first] = this.#pieces;
      if (first === undefined) break;
      const taken = Math.min(left, first.length);
      if (taken === first.length) this.#pieces.shift();
      else this.#pieces[0] = first.subarray(taken);
      left -= taken;
    }
    this.#length -= length - left;
    return length - left;
  }
}
