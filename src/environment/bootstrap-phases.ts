import { Writable } from "node:stream";
import type { Task } from "../base/event.ts";
import { Tail } from "./tail.ts";

interface Phase {
  readonly name: string;
  readonly title: string;
  /** How mmdebstrap says that it begins. */
  readonly pattern: RegExp;
}

/** In mmdebstrap's order. Its other words ("done", "using /tmp/... as tempdir") tell nothing of what it is at. */
const phases: readonly Phase[] = [
  { name: "indices", title: "Read the archive's indices", pattern: /^I: running apt-get update/ },
  { name: "download", title: "Download packages", pattern: /^I: downloading packages/ },
  { name: "unpack", title: "Unpack the essential packages", pattern: /^I: extracting archives/ },
  { name: "essential", title: "Install the essential packages", pattern: /^I: installing essential/ },
  { name: "rest", title: "Install the other packages", pattern: /^I: installing remaining/ },
  { name: "write", title: "Write the root filesystem", pattern: /^I: cleaning package lists/ },
];

/** What mmdebstrap says, with each of its phases as a step of the task while `work` runs. */
export async function inPhases<T>(task: Task, work: (said: BootstrapPhases) => Promise<T>): Promise<T> {
  const said = new BootstrapPhases(task);
  try {
    const result = await work(said);
    await said.close();
    return result;
  } catch (thrown) {
    await said.close(thrown);
    throw thrown;
  }
}

/** Takes mmdebstrap's messages and keeps their end. */
export class BootstrapPhases extends Writable {
  readonly #task: Task;
  readonly #tail = new Tail(null);
  #rest = "";
  #told: Promise<void> = Promise.resolve();
  #current: {
    readonly task: Task;
    readonly end: PromiseWithResolvers<void>;
    readonly ended: Promise<void>;
  } | null = null;

  constructor(task: Task) {
    super();
    this.#task = task;
  }

  get text(): string {
    return this.#tail.text;
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.#tail.write(chunk);
    const lines = (this.#rest + chunk.toString("utf8")).split("\n");
    this.#rest = lines.pop() ?? "";
    this.#told = this.#told.then(() => this.#tell(lines));
    done();
  }

  /** Ends the phase that runs, as failed when a failure is given. */
  async close(failure?: unknown): Promise<void> {
    await this.#told;
    await this.#tell(this.#rest === "" ? [] : [this.#rest]);
    await this.#end(failure);
  }

  /** One after another: the end of a phase is told before the next begins. */
  async #tell(lines: readonly string[]): Promise<void> {
    for (const line of lines) {
      const phase = phases.find(({ pattern }) => pattern.test(line));
      if (phase !== undefined) {
        await this.#end();
        this.#begin(phase);
      }
      (this.#current?.task ?? this.#task).log(`${line}\n`);
    }
  }

  #begin({ name, title }: Phase): void {
    const end = Promise.withResolvers<void>();
    let task = this.#task;
    const ended = this.#task.step(name, title, (step) => {
      task = step;
      return end.promise;
    });
    this.#current = { task, end, ended };
  }

  /** A failure is told as the phase's, and is the caller's to raise. */
  async #end(failure?: unknown): Promise<void> {
    const current = this.#current;
    this.#current = null;
    if (current === null) return;
    if (failure === undefined) current.end.resolve();
    else current.end.reject(failure);
    await Promise.allSettled([current.ended]);
  }
}
