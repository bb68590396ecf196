import { type FileHandle, open } from "node:fs/promises";
import { Writable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { asError } from "../base/as-error.ts";
import { Failure } from "../base/failure.ts";
import { lastLines } from "../base/last-lines.ts";

export interface BuildLogOptions {
  /** How many lines at the end are kept for display. */
  readonly tailLines?: number;
  /** A log that grows beyond this many bytes fails the build. */
  readonly limitBytes?: number;
  /** Gets the text as it comes: control characters included, cut anywhere. */
  readonly tee?: (text: string) => void;
  /** Null, or when whoever follows will have taken what `tee` got: until then no more is taken. */
  readonly backlog?: () => Promise<void> | null;
  /** When it is given, whoever follows is waited for no longer. */
  readonly signal?: AbortSignal;
}

/**
 * The build log's file: takes every byte of the tools' output as it is, with back-pressure, also of who follows it, and
 * remembers the last lines. Its error is a Failure: `log-too-large` (package), `log-unwritable` (infrastructure).
 */
export class BuildLog extends Writable {
  readonly path: string;
  bytes = 0;
  readonly #file: FileHandle;
  readonly #options: Required<Omit<BuildLogOptions, "signal">>;
  readonly #signal: AbortSignal | undefined;
  #lastOutput = performance.now();
  /** Ends the wait for whoever follows, while there is one. */
  #goOn: (() => void) | null = null;
  #closing = false;
  readonly #decoder = new StringDecoder("utf8");
  readonly #tail: string[] = [];
  #unfinished = "";

  /** Makes the file, which must not exist yet. @throws Failure log-unwritable. */
  static create(path: string, options: BuildLogOptions = {}): Promise<BuildLog> {
    return openLog(path, "wx", options);
  }

  /** Goes on with a file. @throws Failure log-unwritable. */
  static open(path: string, options: BuildLogOptions = {}): Promise<BuildLog> {
    return openLog(path, "a", options);
  }

  constructor(path: string, file: FileHandle, options: BuildLogOptions) {
    // With more, texts outlive the young generation of the heap, and the memory of this process grows by half.
    super({ highWaterMark: 64 * 1024 });
    // Whoever writes gets the error, and so does `close`; without a listener it would end the process as well.
    this.on("error", () => undefined);
    this.path = path;
    this.#file = file;
    this.#signal = options.signal;
    this.#signal?.addEventListener("abort", () => this.#goOn?.(), { once: true });
    this.#options = {
      tailLines: 200,
      limitBytes: Number.POSITIVE_INFINITY,
      tee: () => undefined,
      backlog: () => null,
      ...options,
    };
  }

  /** When output came last, in milliseconds of `performance.now()`: now, while the output waits for whoever follows. */
  get lastOutput(): number {
    return this.#goOn === null ? this.#lastOutput : performance.now();
  }

  /** The last lines, oldest first, the unfinished one included. Long lines are cut at their start. */
  get tail(): readonly string[] {
    return this.#unfinished === "" ? [...this.#tail] : [...this.#tail, this.#unfinished];
  }

  /** Whether the last lines tell of a full disk (ENOSPC, in the C locale). */
  get diskFull(): boolean {
    return this.tail.some((line) => line.includes("No space left on device"));
  }

  /** Writes a text and waits until there is room for more. */
  async append(text: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.write(text, (error) => (error ? reject(error) : resolve()));
    await promise;
  }

  /** Writes out what is left and closes the file. Throws the error that ended the writing, if one did. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#goOn?.();
    if (!this.closed) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.once("close", resolve);
      if (!this.destroyed) this.end();
      await promise;
    }
    if (this.errored !== null) throw this.errored;
  }

  override _writev(chunks: { readonly chunk: Uint8Array }[], done: (error?: Error | null) => void): void {
    void settle(this.#take(Buffer.concat(chunks.map(({ chunk }) => chunk))), done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    void settle(this.#file.close(), (closing) => done(error ?? closing ?? null));
  }

  async #take(bytes: Buffer): Promise<void> {
    this.#lastOutput = performance.now();
    this.bytes += bytes.length;
    if (this.bytes > this.#options.limitBytes) throw tooLarge(this.#options.limitBytes);
    await this.#file.writeFile(bytes).catch((cause: unknown) => {
      throw unwritable(this.path, cause);
    });
    const text = this.#decoder.write(bytes);
    this.#remember(text);
    this.#options.tee(text);
    await this.#catchUp();
  }

  /** Holds the build itself while what it prints is not read, as a pipe does; else all of it would be kept in memory. */
  async #catchUp(): Promise<void> {
    const backlog = this.#closing || this.#signal?.aborted === true ? null : this.#options.backlog();
    if (backlog === null) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#goOn = resolve;
    void backlog.then(resolve);
    await promise;
    this.#goOn = null;
    this.#lastOutput = performance.now();
  }

  #remember(text: string): void {
    const lines = lastLines(this.#unfinished + text, this.#options.tailLines).split("\n");
    this.#unfinished = (lines.pop() ?? "").slice(-longestLine);
    this.#tail.push(...lines.map((line) => line.slice(-longestLine)));
    this.#tail.splice(0, this.#tail.length - this.#options.tailLines);
  }
}

async function openLog(path: string, flags: "wx" | "a", options: BuildLogOptions): Promise<BuildLog> {
  try {
    return new BuildLog(path, await open(path, flags), options);
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

async function settle(work: Promise<void>, done: (error?: Error | null) => void): Promise<void> {
  let error: Error | null = null;
  try {
    await work;
  } catch (thrown) {
    error = asError(thrown);
  }
  done(error);
}

/** Characters kept of one line, against output without line ends. */
const longestLine = 4096;

function tooLarge(limit: number): Failure {
  return new Failure("package", "log-too-large", `The build wrote more than ${limit} bytes to its log`, {
    hint: "Look at the log for output that repeats itself, or raise the log limit.",
  });
}

function unwritable(path: string, cause: unknown): Failure {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new Failure("infrastructure", "log-unwritable", `Cannot write the build log ${path}: ${reason}`, {
    hint: "Check the free space and the permissions of its directory.",
    cause,
  });
}
