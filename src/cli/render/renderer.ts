import type { Report } from "../../base/event.ts";
import type { Failure } from "../../base/failure.ts";

/** Where text goes: a standard stream, or a test's array. */
export interface Sink {
  write(text: string): void;
}

/** For renderers that never hold the terminal. */
export const nothingToSuspend: Disposable = { [Symbol.dispose]: () => {} };

/** One picture of the event stream. Progress goes to standard error, results to standard output. */
export interface Renderer {
  readonly report: Report;
  /** Leaves the terminal to somebody else, such as a shell in a container, until disposed. */
  suspend(): Disposable;
  /** A command's result: `text` for people, or `value` as JSON where that was asked for. */
  result(text: string, value: unknown): void;
  /** The failure that ended the command. */
  failure(failure: Failure): void;
  /** Ends the picture and leaves its last state standing. May be called more than once. */
  close(): void;
}
