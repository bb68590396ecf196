import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Failure, asFailure } from "../base/failure.ts";
import { errorCode } from "../base/system-error.ts";
import { printableLine } from "../base/printable.ts";
import { formatLockFile } from "../environment/lock-file.ts";
import { lockedSetOf } from "../environment/plan.ts";
import { namedPlaceOf } from "../environment/named/find.ts";
import { recordProvisions } from "../environment/provisions.ts";
import { targetName } from "../environment/target.ts";
import type { CheckOutcome } from "./check/outcome.ts";
import { summaryFields, unmetFailure } from "./check/summary.ts";
import { cacheUseText } from "./compiler-cache.ts";
import { architecturesOf } from "./cross.ts";
import type { Desk } from "./desk.ts";
import { cleanup } from "./log-sections.ts";
import { lockFileOf } from "./lock-source.ts";
import { publishDirectory, removeResults, unwritable } from "./publish.ts";
import type { BuildRequest } from "./request.ts";
import { type PluginOutcome, pluginFailure } from "./plugin/outcome.ts";
import { resourceLines } from "./resources-text.ts";
import { type Artifact, type BuildResult, failureRecord, writeResult } from "./result.ts";
import { sbuildStatus, summaryBlock } from "./sbuild-log.ts";

/** A build's end: what came of it, where it lies, and the failure if it failed. */
export interface BuildOutcome {
  readonly result: BuildResult;
  /** Absolute; holds the results, or after a failure the log and what else is known. */
  readonly directory: string;
  /** The directory that the files lie in themselves, too, when that was asked for: absolute. */
  readonly flat?: string;
  readonly failure: Failure | null;
  /** What is wrong with a build that succeeded: a required check that failed, or an interruption of the checks. */
  readonly unmet: Failure | null;
}

/** How the building itself ended. */
export interface End {
  readonly artifacts: readonly Artifact[];
  readonly checks: readonly CheckOutcome[];
  readonly failure: Failure | null;
}

/**
 * Writes the summary and the records, and puts all in place: results where they belong, a failure's remains beside. When the
 * records cannot be written, that is the failure, and what there is of the log is put there all the same.
 * @throws Failure what `publishDirectory` and `writeAttestations` raise; its message tells where everything is kept.
 */
export async function conclude(request: BuildRequest, desk: Desk, end: End): Promise<BuildOutcome> {
  desk.clock.end();
  const plugins = await toldPlugins(request, desk, end);
  const unkept = await writeRecords(request, desk, end);
  const failure = unkept ?? end.failure;
  const kept = unkept === null ? end.artifacts : [];
  for (const { path } of unkept === null ? [] : end.artifacts) await rm(path, { force: true });
  const place = join(request.output, failure === null ? desk.plan.name : `${desk.plan.name}.failed`);
  const artifacts = kept.map((each) => ({ ...each, path: join(place, each.name) }));
  const result = { ...(await resultOf(request, desk, { artifacts, checks: end.checks, failure })), plugins };
  try {
    await writeResult(desk.staging.path, result).catch((thrown: unknown) => {
      if (failure === null) throw unwritable(desk.staging.path, thrown);
    });
    await attest(request, desk, result);
    await publishDirectory(desk.staging, place);
  } catch (thrown) {
    await desk.staging.keep();
    throw unpublished(asFailure(thrown), desk.staging.path);
  }
  if (failure === null) await removeResults(`${place}.failed`);
  const unmet = failure === null ? (unmetFailure(end.checks, place) ?? pluginFailure(plugins)) : null;
  return { result, directory: place, failure, unmet };
}

/** Tells the user's plugins what came of the build, as long as there is a log for what they say. */
async function toldPlugins(request: BuildRequest, desk: Desk, end: End): Promise<readonly PluginOutcome[]> {
  if ((request.plugins ?? []).length === 0) return [];
  // Loaded only now: most builds have none.
  const { askPlugins } = await import("./plugin/report.ts");
  return await askPlugins(request.plugins, desk, await resultOf(request, desk, end));
}

/** Leaves the proofs that were asked for with the results. */
async function attest(
  { attestations, ...request }: BuildRequest,
  desk: Desk,
  result: BuildResult,
): Promise<void> {
  if (attestations === undefined || desk.environment === null || result.status !== "successful") return;
  if (!attestations.sbom && !attestations.provenance) return;
  const lockFile = lockFileOf(request, lockedSetOf(desk.environment.plan));
  // Loaded only now: most builds leave none.
  const { writeAttestations } = await import("./attest.ts");
  await writeAttestations(desk.staging.path, { result, lockFile }, attestations).catch((thrown: unknown) => {
    throw errorCode(thrown) === null ? thrown : unwritable(desk.staging.path, thrown);
  });
}

/** What was built must not be lost because its place cannot be had, or a proof of it. */
function unpublished({ fault, code, message, hint, details, cause }: Failure, kept: string): Failure {
  return new Failure(fault, code, `${message}. What the build gave is kept in ${kept}`, {
    ...(hint === undefined ? {} : { hint }),
    details: { ...details, kept },
    cause,
  });
}

/** Ends the log and writes the lock and the events. Gives what went wrong with that, null if nothing did. */
async function writeRecords(
  request: BuildRequest,
  desk: Desk,
  { failure, checks }: End,
): Promise<Failure | null> {
  const { staging, log, events, environment } = desk;
  if (failure !== null) log.write(`\nE: ${failure.message}\n${explanationOf(failure)}`);
  if (environment !== null) log.write(cleanup(environment.container.name));
  log.write(resourceLines(desk.clock.phases));
  if (desk.cacheUse !== null) log.write(`${printableLine(cacheUseText(desk.cacheUse))}\n`);
  log.write(summaryBlock({ ...summaryOf(request, desk, failure), checks: summaryFields(checks) }));
  const lock =
    environment === null ? null : formatLockFile(lockFileOf(request, lockedSetOf(environment.plan)));
  const written = await Promise.allSettled([
    log.close(),
    lock === null ? null : writeFile(join(staging.path, "lock.json"), lock),
    events.close(),
  ]);
  const failed = written.find((each) => each.status === "rejected");
  if (failed === undefined) return null;
  const reason = asFailure(failed.reason);
  return reason.code === "unexpected" ? unwritable(staging.path, failed.reason) : reason;
}

async function resultOf(
  request: BuildRequest,
  { plan, environment, clock, about: asked, cacheUse, sourceDateEpoch, hooks }: Desk,
  { artifacts, checks, failure }: End,
): Promise<Omit<BuildResult, "plugins">> {
  const { build, host } = architecturesOf(request);
  // An engine that hangs must not hold up the end of a build that failed.
  const about = await (failure === null ? asked : Promise.race([asked, delay(300, null, { ref: false })]));
  return {
    schema: 1,
    status: failure === null ? "successful" : failure.fault === "interrupted" ? "interrupted" : "failed",
    failure: failure === null ? null : failureRecord(failure, clock.current),
    source: { name: plan.source.name, version: plan.source.version },
    target: targetName(request.target),
    suite: request.target.suite,
    architectures: { build, host },
    lock: environment?.plan.lockDigest ?? null,
    environment: environment?.plan.key ?? null,
    ...(request.named === undefined ? {} : { named: namedPlaceOf(request.named) }),
    ...(request.provisions === undefined ? {} : { provisions: recordProvisions(request.provisions) }),
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
    ccache: cacheUse,
    artifacts: [...artifacts],
    checks: [...checks],
    hooks: [...hooks],
    started: clock.started.toISOString(),
    finished: new Date().toISOString(),
    sourceDateEpoch,
  };
}

function summaryOf(request: BuildRequest, { plan, clock, spaceKib }: Desk, failure: Failure | null) {
  const { machine, build, host } = architecturesOf(request);
  return {
    job: request.source.origin,
    package: plan.source.name,
    version: plan.version,
    sourceVersion: plan.source.version,
    machineArchitecture: machine,
    hostArchitecture: host,
    buildArchitecture: build,
    buildProfiles: request.profiles,
    buildType: plan.buildType,
    foreignArchitectures: build === host ? [] : [host],
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
