import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { canonicalJson } from "../base/digest.ts";
import { type Report, Task } from "../base/event.ts";
import { type Failure, asFailure } from "../base/failure.ts";
import type { About } from "../engine/engine.ts";
import { type Environment, openEnvironment } from "../environment/environment.ts";
import type { Kiln } from "../environment/kiln.ts";
import { targetName } from "../environment/target.ts";
import { BuildLog } from "./build-log.ts";
import { EventFile } from "./event-file.ts";
import { type Workplace, executeStep, putSource } from "./execute.ts";
import { failedBuild } from "./failed-build.ts";
import { environmentSections, openingSections } from "./log-sections.ts";
import { PhaseClock } from "./phase-clock.ts";
import { type BuildPlan, planBuild } from "./plan.ts";
import { type StagingDirectory, publishDirectory, stagingDirectory } from "./publish.ts";
import type { BuildRequest } from "./request.ts";
import { type Artifact, type BuildResult, writeResult } from "./result.ts";
import { sbuildStatus, summaryBlock } from "./sbuild-log.ts";
import { takeResults } from "./take-results.ts";

/** A build's end: what came of it, where it lies, and the failure if it failed. */
export interface BuildOutcome {
  readonly result: BuildResult;
  /** Absolute; holds the results, or after a failure the log and what else is known. */
  readonly directory: string;
  readonly failure: Failure | null;
}

/** Everything a running build writes to. */
interface Desk {
  readonly plan: BuildPlan;
  readonly staging: StagingDirectory;
  readonly log: BuildLog;
  readonly events: EventFile;
  readonly clock: PhaseClock;
  readonly task: Task;
  environment: Environment | null;
  about: Promise<About | null>;
  spaceKib: number | null;
}

/**
 * Builds one source package. A failure of the build is part of the outcome; its log is kept beside where the results would
 * be, and results of an earlier build stay.
 * @throws Failure what `planBuild` raises, output-unwritable: before there is a log.
 */
export async function build(
  kiln: Kiln,
  request: BuildRequest,
  { report, version }: { readonly report: Report; readonly version: string },
): Promise<BuildOutcome> {
  const plan = planBuild(request);
  await mkdir(request.output, { recursive: true });
  await using staging = await stagingDirectory(join(request.output, plan.name));
  const desk = await openDesk(plan, staging, report);
  desk.log.write(openingSections(plan, request, version));
  let artifacts: readonly Artifact[] = [];
  let failure: Failure | null = null;
  try {
    for (const warning of plan.warnings) desk.task.warn(warning);
    artifacts = await makeInEnvironment(kiln, request, desk);
  } catch (thrown) {
    failure = asFailure(kiln.signal.aborted ? kiln.signal.reason : thrown);
  }
  return await conclude(request, desk, { artifacts, failure });
}

async function makeInEnvironment(
  kiln: Kiln,
  request: BuildRequest,
  desk: Desk,
): Promise<readonly Artifact[]> {
  const { plan, clock, task } = desk;
  const wanted = {
    target: request.target,
    archive: request.archive,
    request: plan.dependencies,
    subject: plan.source.name,
  };
  clock.enter("environment");
  const environment = await openEnvironment(kiln, wanted, { limits: request.limits }, task);
  desk.environment = environment;
  // Asked beside the build, because the answer takes podman a third of a second. Only the record needs it.
  desk.about = kiln.engine.about().catch(() => null);
  try {
    return await makeInContainer(kiln, request, desk, environment);
  } finally {
    kiln.background.add(environment[Symbol.asyncDispose](), (thrown) =>
      task.warn(`The build's container could not be removed: ${asFailure(thrown).message}`),
    );
  }
}

async function makeInContainer(
  kiln: Kiln,
  request: BuildRequest,
  desk: Desk,
  environment: Environment,
): Promise<readonly Artifact[]> {
  const { plan, log, clock, task } = desk;
  for (const { layer, outcome, reason } of environment.plan.decisions)
    task.note(`${layer}: ${outcome}, ${reason}`);
  log.write(environmentSections(environment.plan));
  clock.enter("unpack");
  const place: Workplace = { environment, log, task, signal: kiln.signal };
  // Unpacking needs no verified environment; building does.
  const verified = Promise.allSettled([environment.verify()]);
  await putSource(request, place);
  try {
    for (const step of plan.steps) {
      clock.enter(step.phase);
      if (step.phase === "build")
        for (const each of await verified) if (each.status === "rejected") throw each.reason;
      await executeStep(step, plan, request, place);
    }
  } catch (thrown) {
    if (!kiln.signal.aborted) await request.onFailure?.(failedBuild(kiln, plan, environment));
    throw thrown;
  }
  clock.enter("collect");
  return await task.step("collect", "Collect the results", async (step) => {
    const taken = {
      container: environment.container,
      name: plan.name,
      log,
      directory: desk.staging.path,
      signal: kiln.signal,
    };
    const { artifacts, spaceKib } = await takeResults(taken);
    desk.spaceKib = spaceKib;
    step.summary = `${artifacts.length} files`;
    return artifacts;
  });
}

/** Writes the summary and the records, and puts all in place: results where they belong, a failure's remains beside. */
async function conclude(
  request: BuildRequest,
  desk: Desk,
  end: { readonly artifacts: readonly Artifact[]; readonly failure: Failure | null },
): Promise<BuildOutcome> {
  const { plan, staging, log, clock, events, environment } = desk;
  clock.end();
  const directory = join(request.output, end.failure === null ? plan.name : `${plan.name}.failed`);
  const artifacts = end.artifacts.map((each) => ({ ...each, path: join(directory, each.name) }));
  const result = await resultOf(request, desk, { artifacts, failure: end.failure });
  if (end.failure !== null) log.write(`\nE: ${end.failure.message}\n${explanationOf(end.failure)}`);
  log.write(summaryBlock(summaryOf(request, desk, end.failure)));
  await log.close();
  if (environment !== null) {
    await writeFile(join(staging.path, "lock.json"), `${canonicalJson(environment.plan.lock)}\n`);
  }
  await writeResult(staging.path, result);
  await events.close();
  await publishDirectory(staging, directory);
  if (end.failure === null) await rm(`${directory}.failed`, { recursive: true, force: true });
  return { result, directory, failure: end.failure };
}

async function openDesk(plan: BuildPlan, staging: StagingDirectory, report: Report): Promise<Desk> {
  const events = new EventFile(join(staging.path, "events.jsonl"));
  const both: Report = (event) => {
    events.write(event);
    report(event);
  };
  // Whatever goes into the log is also shown as the output of the step that runs just then.
  let path = [`${plan.source.name}_${plan.source.version}`];
  const log = await BuildLog.create(join(staging.path, `${plan.name}.build`), {
    tee: (text) => report({ type: "log", path, time: Date.now(), text }),
  });
  const task = new Task((event) => {
    if (event.type === "started") path = [...event.path];
    if (event.type === "finished") path = event.path.slice(0, -1);
    if (event.type === "log") log.write(event.text);
    else both(event);
  }, path);
  return {
    plan,
    staging,
    log,
    events,
    clock: new PhaseClock(),
    task,
    environment: null,
    about: Promise.resolve(null),
    spaceKib: null,
  };
}

async function resultOf(
  request: BuildRequest,
  { plan, environment, clock, about: asked }: Desk,
  { artifacts, failure }: { artifacts: readonly Artifact[]; failure: Failure | null },
): Promise<BuildResult> {
  const { architecture } = request.target;
  const about = await asked;
  return {
    schema: 1,
    status: failure === null ? "successful" : failure.fault === "interrupted" ? "interrupted" : "failed",
    failure:
      failure === null
        ? null
        : {
            fault: failure.fault,
            code: failure.code,
            message: failure.message,
            hint: failure.hint ?? null,
            phase: clock.current,
          },
    source: { name: plan.source.name, version: plan.source.version },
    target: targetName(request.target),
    suite: request.target.suite,
    architectures: { build: architecture, host: architecture },
    lock: environment?.plan.lockDigest ?? null,
    environment: environment?.plan.key ?? null,
    engine:
      about === null
        ? null
        : {
            kind: about.kind,
            version: about.version,
            rootless: about.rootless,
            storageDriver: about.storageDriver,
          },
    phases: clock.phases,
    artifacts: [...artifacts],
    started: clock.started.toISOString(),
    finished: new Date().toISOString(),
    sourceDateEpoch: null,
  };
}

function summaryOf(request: BuildRequest, { plan, clock, spaceKib }: Desk, failure: Failure | null) {
  const { architecture } = request.target;
  return {
    job: request.source.origin,
    package: plan.source.name,
    version: plan.source.version,
    machineArchitecture: architecture,
    hostArchitecture: architecture,
    buildArchitecture: architecture,
    buildProfiles: request.profiles,
    buildType: plan.buildType,
    foreignArchitectures: [],
    distribution: request.target.suite,
    spaceKib,
    buildSeconds: clock.seconds("build"),
    installSeconds: clock.seconds("environment"),
    packageSeconds: clock.total,
    ...sbuildStatus(failure, clock.current),
    finished: new Date(),
  };
}

/** apt's or a tool's whole explanation, of which the message is the short form. */
function explanationOf({ details }: Failure): string {
  const { explanation } = details;
  return typeof explanation === "string" ? `${explanation}\n` : "";
}
