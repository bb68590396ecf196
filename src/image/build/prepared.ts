/**
 * Something that is opened, and then prepared, when it is first asked for. Disposing ends it however far that came: what a
 * failed preparation left in it goes too.
 */
export class Prepared<T extends AsyncDisposable> implements AsyncDisposable {
  readonly #open: () => Promise<T>;
  readonly #prepare: (opened: T) => Promise<void>;
  #opened: Promise<T> | null = null;
  #ready: Promise<T> | null = null;

  constructor(open: () => Promise<T>, prepare: (opened: T) => Promise<void>) {
    this.#open = open;
    this.#prepare = prepare;
  }

  get(): Promise<T> {
    return (this.#ready ??= this.#begin());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // What failed has been told to whoever asked for it.
    await this.#ready?.catch(() => null);
    const opened = await this.#opened?.catch(() => null);
    await opened?.[Symbol.asyncDispose]();
  }

  async #begin(): Promise<T> {
    const opened = await (this.#opened ??= this.#open());
    await this.#prepare(opened);
    return opened;
  }
}
