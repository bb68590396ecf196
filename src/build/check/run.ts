import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { asFailure } from "../../base/failure.ts";
import { type Task, throwIfAborted } from "../../base/event.ts";
import { lockedSetOf } from "../../environment/plan.ts";
import { isUnmet, type CheckOutcome, type Verdict, type WantedChecks, verdictOf } from "./outcome.ts";
import { BuildLog } from "../build-log.ts";
import type { Desk } from "../desk.ts";
import type { Artifact } from "../result.ts";
import { subsubsection } from "../sbuild-log.ts";
import type { Check, CheckPlace, CheckRecord, Settled, Subject, Trial } from "./check.ts";
import { checks } from "./checks.ts";
import { earlierBuild } from "./earlier-build.ts";
import { inapplicable } from "./inapplicable.ts";
import type { PreparedEnvironments } from "./prepare.ts";
import { endingWords } from "./summary.ts";
import { type TrialLog, runTrial } from "./trial.ts";

/** More than any check prints. */
const longestCheckLog = 256 * 1024 ** 2;

export interface CheckRun {
  readonly place: CheckPlace;
  readonly wanted: WantedChecks;
  readonly desk: Desk;
  readonly prepared: PreparedEnvironments;
}

/**
 * Checks what a build gave, one check after the other. What goes wrong with a check is its outcome and never a failure of the
 * build; when the work is told to stop, those that were not run are missing.
 */
export async function runChecks(
  run: CheckRun,
  artifacts: readonly Artifact[],
): Promise<readonly CheckOutcome[]> {
  const { desk, wanted, place } = run;
  const { request } = place;
  // What was written to the log so far is in its file then.
  await desk.log.append("\n");
  const subject: Subject = {
    name: desk.plan.name,
    source: request.source,
    architecture: request.host ?? request.target.architecture,
    build: desk.plan,
    locked: desk.environment === null ? undefined : lockedSetOf(desk.environment.plan),
    spaceKib: desk.spaceKib,
    log: desk.log.path,
    earlier: await earlierBuild(request.output, desk.plan),
    artifacts,
  };
  const outcomes: CheckOutcome[] = [];
  for (const name of wanted.names) {
    if (place.kiln.signal.aborted) break;
    outcomes.push(await runCheck(run, checks[name], subject));
  }
  return outcomes;
}

async function runCheck(run: CheckRun, check: Check, subject: Subject): Promise<CheckOutcome> {
  const { desk, wanted } = run;
  const { name } = check;
  const begin = performance.now();
  desk.log.write(subsubsection(name));
  const ended = await desk.task.step(name, `Check with ${name}`, async (task) => {
    const all = await tryAll(run, check, subject, task);
    task.summary = `${all.verdict.status}: ${all.verdict.summary}`;
    return all;
  });
  const { verdict, parts, log, exitCode } = ended;
  desk.log.write(endingWords(name, verdict));
  const required = wanted.required.includes(name);
  const reason = inapplicable(name, run.place.request);
  // What is required is set once for all builds: one that it cannot be done for is told, not refused.
  if (required && reason !== null)
    desk.task.warn(`${name} is required, but says nothing of this build: ${reason}`);
  if (isUnmet(verdict.status) && !required)
    desk.task.warn(`${name}: ${verdict.status}, ${verdict.summary}`, hintOf(log));
  return {
    name,
    ...verdict,
    required,
    seconds: Math.round(performance.now() - begin) / 1000,
    log,
    exitCode,
    parts,
  };
}

function hintOf(log: string | null): string | undefined {
  return log === null ? undefined : `The whole of what it printed is in ${log}.`;
}

interface Tried {
  readonly verdict: Verdict;
  readonly parts: CheckOutcome["parts"];
  readonly log: string | null;
  readonly exitCode: number | null;
}

/** Does all trials of a check. Whatever is thrown is of this side, not of the package: `error`. */
async function tryAll(run: CheckRun, check: Check, subject: Subject, task: Task): Promise<Tried> {
  const { desk } = run;
  const reason = inapplicable(check.name, run.place.request);
  if (reason !== null)
    return { verdict: { status: "none", summary: reason }, parts: [], log: null, exitCode: null };
  let file: string | null = null;
  try {
    const planned = await check.plan(subject, { place: run.place, task });
    if (!("length" in planned)) {
      const record = await writeRecord(run, check, subject, []);
      return { verdict: planned, parts: [], log: null, exitCode: record?.exitCode ?? null };
    }
    file = `${subject.name}.${check.name}.log`;
    const log = await BuildLog.create(join(desk.staging.path, file), { limitBytes: longestCheckLog });
    const parts: CheckOutcome["parts"][number][] = [];
    try {
      for (const trial of planned) {
        if (planned.length > 1) for (const each of [log, desk.log]) each.write(`\n${trial.title}:\n`);
        parts.push({ name: trial.title, ...(await verdictOn(run, check, trial, { log, task })) });
      }
    } finally {
      await log.close();
    }
    const record = await writeRecord(run, check, subject, parts);
    const isWhole = parts.length <= 1 && record === null;
    return {
      verdict: verdictOf(parts),
      parts: isWhole ? [] : parts,
      log: file,
      exitCode: record?.exitCode ?? null,
    };
  } catch (thrown) {
    const { message } = asFailure(thrown);
    return { verdict: { status: "error", summary: message }, parts: [], log: file, exitCode: null };
  }
}

async function writeRecord(
  { desk }: CheckRun,
  { name, record }: Check,
  subject: Subject,
  parts: CheckOutcome["parts"],
): Promise<CheckRecord | null> {
  const written = record?.(parts, subject) ?? null;
  if (written !== null)
    await writeFile(join(desk.staging.path, `${subject.name}.${name}.${written.ending}`), written.text);
  return written;
}

/** A trial that could not be done says nothing of the others, unless the work was told to stop. */
async function verdictOn(
  run: CheckRun,
  check: Check,
  trial: Trial | Settled,
  log: TrialLog,
): Promise<Verdict> {
  if ("verdict" in trial) {
    log.log.write(`${trial.verdict.summary}\n`);
    return trial.verdict;
  }
  for (const line of trial.preface ?? []) for (const each of [log.log, run.desk.log]) each.write(`${line}\n`);
  try {
    const verdict = await runTrial(run, check, trial, log);
    return verdict.status === "timeout" ? (trial.hung ?? verdict) : verdict;
  } catch (thrown) {
    throwIfAborted(run.place.kiln.signal);
    return { status: "error", summary: asFailure(thrown).message };
  }
}
