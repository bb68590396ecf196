import { basename, dirname } from "node:path/posix";
import { Writable } from "node:stream";
import { asFailure } from "../../base/failure.ts";
import { formatDuration } from "../../base/duration.ts";
import { type Task, throwIfAborted } from "../../base/event.ts";
import { builder } from "../../environment/builder.ts";
import type { Environment } from "../../environment/environment.ts";
import type { BuildLog } from "../build-log.ts";
import type { Desk } from "../desk.ts";
import { watched } from "../watch.ts";
import { type Check, type CheckPlace, type Ending, type Trial, checkDirectory } from "./check.ts";
import { directoryTar } from "./content.ts";
import { type KnownEnding, knownEnding } from "./known-ending.ts";
import { type PreparedEnvironments, openCheckEnvironment } from "./prepare.ts";
import type { Verdict, WantedChecks } from "./outcome.ts";

/** What a trial's judge gets of the output: its end. */
const longestOutput = 8 * 1024 ** 2;

export interface TrialRun {
  readonly place: CheckPlace;
  readonly wanted: WantedChecks;
  readonly desk: Desk;
  readonly prepared: PreparedEnvironments;
}

export interface TrialLog {
  readonly log: BuildLog;
  readonly task: Task;
}

/** Does one trial in a container of its own, and ends that. A trial that hangs or whose container dies is told from one that fails. */
export async function runTrial(
  run: TrialRun,
  check: Check,
  trial: Trial,
  { log, task }: TrialLog,
): Promise<Verdict> {
  const { place, prepared } = run;
  const ready = trial.environment === check.environment ? await prepared.take(check.name) : null;
  await using environment = ready ?? (await openUnlessUnavailable(place, check, trial, task));
  if (environment === null) return trial.unavailable ?? { status: "error", summary: "" };
  const known = await knownEnding(place.kiln.store, environment.plan.key, trial);
  const before = (await known?.recall()) ?? null;
  if (before !== null) return judgeAgain(run, trial, before, { log, task });
  await fill(environment, trial, place.kiln.signal);
  const verdict = await command(run, trial, environment, { log, task }, known);
  const next = trial.next?.(verdict, (path) => () => environment.container.get(path)) ?? null;
  if (next !== null) await runNext(run, check, next, { log, task });
  return verdict;
}

/** What the command printed before is printed again. */
function judgeAgain({ desk }: TrialRun, trial: Trial, before: Ending, { log }: TrialLog): Verdict {
  for (const each of [log, desk.log]) each.write(before.output);
  desk.log.write(
    `${trial.title} was run on the same files before, in the same environment: this is what it printed.\n`,
  );
  const { status, summary } = trial.judge(before);
  return { status, summary: `${summary} (known from before)` };
}

/** What comes of it is for whoever reads the log. */
async function runNext(run: TrialRun, check: Check, next: Trial, { log, task }: TrialLog): Promise<void> {
  for (const each of [log, run.desk.log]) each.write(`\n${next.title}:\n`);
  try {
    const { status, summary } = await runTrial(run, check, next, { log, task });
    if (status !== "pass") task.note(`${next.title}: ${summary}`);
  } catch (thrown) {
    throwIfAborted(run.place.kiln.signal);
    task.warn(`${next.title} could not be run: ${asFailure(thrown).message}`);
  }
}

async function openUnlessUnavailable(
  place: CheckPlace,
  { name }: Check,
  { environment, unavailable }: Trial,
  task: Task,
): Promise<Environment | null> {
  try {
    return await openCheckEnvironment(place, name, environment, task);
  } catch (thrown) {
    if (unavailable === undefined || asFailure(thrown).code !== "unsatisfiable") throw thrown;
    return null;
  }
}

async function fill({ container }: Environment, { content }: Trial, signal: AbortSignal): Promise<void> {
  await container.put(dirname(checkDirectory), directoryTar(basename(checkDirectory)), signal);
  for (const tar of content) await container.put(checkDirectory, await tar(), signal);
}

async function command(
  { place, wanted, desk }: TrialRun,
  trial: Trial,
  { container }: Environment,
  { log }: TrialLog,
  known: KnownEnding | null,
): Promise<Verdict> {
  const { request, kiln } = place;
  const end = new OutputEnd();
  const output = into(desk.log, log, end);
  // That it is silent is a sign of nothing.
  const deadlines = { totalMs: wanted.timeoutMs, silenceMs: wanted.timeoutMs };
  const { diskBytes, provisions } = request;
  const ours = trial.environment.provisions === "build" ? provisions : undefined;
  const inMemory = ours?.tmpfs.map(({ path }) => path) ?? [];
  const { signal } = kiln;
  const since = performance.now();
  try {
    const result = await watched({ container, log, deadlines, since, diskBytes, inMemory, signal }, (stop) =>
      container.run([...inOneStream, ...trial.argv], {
        user: trial.user === "root" ? "0:0" : `${builder.uid}:${builder.gid}`,
        directory: checkDirectory,
        environment: trialEnvironment,
        stdout: output,
        signal: stop,
      }),
    );
    if (result.oomKilled) return { status: "error", summary: "it ran out of memory and was killed" };
    const { exitCode } = result;
    const verdict = trial.judge({ exitCode, output: end.bytes.toString("utf8") });
    // What failed itself may do better the next time.
    if (verdict.status !== "error" && end.isWhole) await known?.keep(exitCode, end.bytes);
    return verdict;
  } catch (thrown) {
    const { code, message } = asFailure(thrown);
    if (code === "watch-ended") return { status: "fail", summary: message };
    if (code !== "timeout" && code !== "silence-timeout") return { status: "error", summary: message };
    return { status: "timeout", summary: `it did not end within ${formatDuration(wanted.timeoutMs)}` };
  }
}

/** Two streams of an engine come in any order, even within a line, and judges read lines. */
const inOneStream = ["sh", "-c", 'exec "$@" 2>&1', "sh"];

const trialEnvironment = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/games:/usr/games",
  HOME: "/tmp",
  LC_ALL: "C.UTF-8",
  DEBIAN_FRONTEND: "noninteractive",
};

/** Keeps the last bytes that were written. */
class OutputEnd extends Writable {
  #chunks: Buffer[] = [];
  #bytes = 0;
  #written = 0;

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    this.#written += chunk.length;
    if (this.#bytes > 2 * longestOutput) {
      this.#chunks = [Buffer.concat(this.#chunks).subarray(-longestOutput)];
      this.#bytes = longestOutput;
    }
    done();
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks).subarray(-longestOutput);
  }

  get isWhole(): boolean {
    return this.#written <= longestOutput;
  }
}

/** Writes to several streams, which it does not end, and waits for the slowest; an error of one is its own. */
function into(...streams: readonly Writable[]): Writable {
  return new Writable({
    write(chunk: Buffer, _, done) {
      void writeAll(streams, chunk, done);
    },
  });
}

async function writeAll(
  streams: readonly Writable[],
  chunk: Buffer,
  done: (error?: Error) => void,
): Promise<void> {
  const written = streams.map((stream) => {
    const { promise, resolve } = Promise.withResolvers<Error | undefined>();
    stream.write(chunk, (error) => resolve(error ?? undefined));
    return promise;
  });
  done((await Promise.all(written)).find((error) => error !== undefined));
}
