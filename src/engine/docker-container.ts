import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import type Docker from "dockerode";
import { Failure, asFailure } from "../base/failure.ts";
import { throwIfAborted } from "../base/event.ts";
import { CommitAnswer, ContainerAnswer, PathStat } from "./answers.ts";
import { apiFailure, statusOf } from "./api-failure.ts";
import { execute } from "./docker-exec.ts";
import type { CommitOptions, Container, Image, RunOptions, RunResult } from "./engine.ts";
import { type Run, getInside, putInside } from "./inside-archive.ts";
import { interact } from "./interact.ts";
import { OomCounter } from "./oom-counter.ts";
import { commitQuery } from "./quirks.ts";
import type { Removal } from "./removal.ts";
import { messageOf, readableOf } from "./wire.ts";

/** What a container needs of the engine it is in. */
export interface Home {
  readonly inspectImage: (reference: string) => Promise<Image>;
  readonly remove: (id: string) => Removal;
  readonly countsOom: boolean;
  /** Whether files pass through commands in the container: the engine may see another file system than they do. */
  readonly filesInside: boolean;
}

/** A container that waits for commands, through the Docker API. */
export class DockerContainer implements Container {
  readonly id: string;
  readonly name: string;
  readonly #container: Docker.Container;
  readonly #home: Home;
  readonly #oom: OomCounter;

  constructor(container: Docker.Container, name: string, home: Home) {
    this.id = container.id;
    this.name = name;
    this.#container = container;
    this.#home = home;
    this.#oom = new OomCounter(container, home.countsOom);
  }

  async run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    const { signal } = options;
    if (signal === undefined) return await this.#execute(argv, options);
    throwIfAborted(signal);
    const giveUp = new AbortController();
    const result = this.#execute(argv, options, giveUp.signal);
    const ended = Promise.withResolvers<void>();
    // Nothing stops an exec alone once its connection is taken over (engines.md 4): the container goes with it. podman's
    // kill waits while it commits the container: nobody waits for that.
    const abort = () => {
      const killed = Promise.allSettled([this.kill(), result]);
      const waited = Promise.race([killed, delay(killPatience, null, { ref: false })]);
      void waited.finally(() => {
        giveUp.abort();
        ended.resolve();
      });
    };
    signal.addEventListener("abort", abort, { once: true });
    try {
      await Promise.race([result.catch(() => null), ended.promise]);
      if (signal.aborted) await ended.promise;
    } finally {
      signal.removeEventListener("abort", abort);
    }
    throwIfAborted(signal);
    return await result;
  }

  interact(
    argv: readonly string[],
    options: Pick<RunOptions, "user" | "directory" | "environment"> = {},
  ): Promise<number> {
    return interact(this.#container, argv, options);
  }

  async put(directory: string, tar: Readable, signal?: AbortSignal): Promise<void> {
    // A tar may break before anything reads it. docker-modem would leave its request open then, and with it the container locked.
    const cut = new AbortController();
    const broken = new Promise<never>((_, reject) => tar.once("error", reject));
    const stop = () => tar.destroy(asFailure(signal?.reason));
    signal?.addEventListener("abort", stop);
    if (signal?.aborted === true) stop();
    try {
      if (this.#home.filesInside) {
        const run: Run = (argv, options) => this.run(argv, options);
        const isThere = await Promise.race([broken, putInside(run, directory, tar, signal)]);
        if (!isThere) throw missing("directory-missing", directory, this.name);
        return;
      }
      await Promise.race([broken, this.#requireDirectory(directory)]);
      // Without copyUIDGID, whose meaning differs (containers/podman#27332), all engines keep the tar's owners.
      const options = { path: directory, abortSignal: cut.signal };
      await Promise.race([broken, this.#container.putArchive(tar, options)]);
    } catch (thrown) {
      cut.abort();
      if (signal !== undefined) throwIfAborted(signal);
      throw apiFailure(thrown, `unpack into ${directory} of container ${this.name}`);
    } finally {
      signal?.removeEventListener("abort", stop);
      tar.destroy();
    }
  }

  async get(path: string): Promise<Readable> {
    if (this.#home.filesInside) {
      const found = await getInside((argv, options) => this.run(argv, options), path);
      if (found === null) throw missing("path-missing", path, this.name);
      return found;
    }
    try {
      return readableOf(await this.#container.getArchive({ path }));
    } catch (thrown) {
      if (statusOf(thrown) === 404) throw missing("path-missing", path, this.name);
      throw apiFailure(thrown, `read ${path} of container ${this.name}`);
    }
  }

  async commit(reference: string, options: CommitOptions): Promise<Image> {
    try {
      const query = commitQuery(this.id, reference, options.changes);
      const answer: unknown = await this.#container.commit(query);
      const { Id: id } = CommitAnswer.parse(answer);
      return await this.#home.inspectImage(id);
    } catch (thrown) {
      throw apiFailure(thrown, `commit container ${this.name} as ${reference}`, "commit-failed");
    }
  }

  async kill(): Promise<void> {
    try {
      await this.#container.kill({ signal: "SIGKILL" });
    } catch (thrown) {
      // 404: gone; 409: not running; 500 of podman: "container state improper".
      if ([404, 409, 304].includes(statusOf(thrown) ?? 0)) return;
      if (!(await this.#isRunning())) return;
      throw apiFailure(thrown, `kill container ${this.name}`);
    }
  }

  remove(): Removal {
    return this.#home.remove(this.id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.remove().gone;
  }

  async #execute(argv: readonly string[], options: RunOptions, giveUp?: AbortSignal): Promise<RunResult> {
    try {
      return await this.#resultOf(await execute(this.#container, argv, options, giveUp));
    } catch (thrown) {
      if (options.signal?.aborted === true) throw thrown;
      return await this.#explain(thrown, argv);
    }
  }

  async #resultOf(exitCode: number): Promise<RunResult> {
    if (exitCode === 0) return { exitCode, oomKilled: false };
    // docker may tell that a killed container's command has ended before it knows that the container has.
    if (exitCode === killedExitCode) await delay(endPatience);
    const state = await this.#state();
    if (state?.Running === true) return { exitCode, oomKilled: await this.#oom.rose() };
    if (state?.OOMKilled === true) return { exitCode, oomKilled: true };
    throw ended(this.name);
  }

  /** Throws what is behind an exec's failure: the container's end rather than its symptom. */
  async #explain(thrown: unknown, argv: readonly string[]): Promise<never> {
    const failure = apiFailure(thrown, `run ${argv[0] ?? "a command"} in container ${this.name}`);
    if (statusOf(thrown) === null && failure.code !== "engine-lost") throw failure;
    const running = await this.#isRunning().catch(() => true);
    throw running ? failure : ended(this.name, thrown);
  }

  async #isRunning(): Promise<boolean> {
    return (await this.#state())?.Running ?? false;
  }

  async #state(): Promise<ContainerAnswer["State"] | null> {
    try {
      return ContainerAnswer.parse(await this.#container.inspect()).State;
    } catch (thrown) {
      if (statusOf(thrown) === 404) return null;
      throw apiFailure(thrown, `inspect container ${this.name}`);
    }
  }

  /** podman answers 200 to an archive for a directory that is not there, and drops it (engines.md 2). */
  async #requireDirectory(directory: string): Promise<void> {
    const stat = await this.#stat(directory);
    const target =
      stat !== null && (stat.mode & symlinkBit) !== 0 ? await this.#stat(stat.linkTarget ?? "") : stat;
    // The directory bit is the sign bit of what JavaScript makes of the mode.
    if (target === null || (target.mode & directoryBit) === 0)
      throw missing("directory-missing", directory, this.name);
  }

  async #stat(path: string): Promise<PathStat | null> {
    try {
      const answer = messageOf(await this.#container.infoArchive({ path }));
      await text(answer);
      const header = answer.headers["x-docker-container-path-stat"];
      return PathStat.parse(JSON.parse(Buffer.from(String(header), "base64").toString()));
    } catch (thrown) {
      if (statusOf(thrown) === 404) return null;
      throw thrown;
    }
  }
}

/** How long a command that is to end waits for the end of its container, in milliseconds. */
const killPatience = 1000;
/** What a command gives that SIGKILL ended. */
const killedExitCode = 137;
/** How long an engine may take to see that a container has ended, in milliseconds. */
const endPatience = 200;
const directoryBit = 1 << 31;
const symlinkBit = 1 << 27;

function missing(code: "directory-missing" | "path-missing", path: string, container: string): Failure {
  const what = code === "directory-missing" ? "directory" : "file or directory";
  return new Failure("infrastructure", code, `There is no ${what} ${path} in container ${container}`, {
    hint: "Make it first, for example with `mkdir -p`.",
  });
}

function ended(name: string, cause?: unknown): Failure {
  return new Failure(
    "infrastructure",
    "container-ended",
    `Container ${name} was ended from outside while a command ran`,
    {
      hint: "See who removes or kills containers on this host, then run the command again.",
      ...(cause === undefined ? {} : { cause }),
    },
  );
}
