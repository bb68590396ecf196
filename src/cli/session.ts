import type { Config } from "../base/config.ts";
import type { Report, Task } from "../base/event.ts";
import type { Engine } from "../engine/engine.ts";
import type { Style } from "./render/style.ts";
import type { Settings } from "./settings.ts";

/** What a command works with. */
export interface Session {
  readonly settings: Settings;
  readonly config: Config<Settings>;
  readonly report: Report;
  /** The root of the event stream: each thing the command does is a step of it. */
  readonly task: Task;
  /** Given when the user wants the command to stop. */
  readonly signal: AbortSignal;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** How text on standard output may look. */
  readonly style: Style;
  /** Prints the result to standard output: the text, or the value under `--json`. */
  readonly result: (text: string, value: unknown) => void;
  /** Stops drawing until disposed, for when something else needs the terminal: `using _ = suspend()`. */
  readonly suspend: () => Disposable;
  /** Connects to the engine that the settings or the host name. @throws Failure engine-missing and its kin (infrastructure). */
  readonly connect: () => Promise<Engine>;
}
