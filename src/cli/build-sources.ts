import { resolve } from "node:path";
import { type Failure, asFailure } from "../base/failure.ts";
import { build } from "../build/build.ts";
import type { BuildOutcome } from "../build/conclude.ts";
import { afterBuild } from "../build/hook/after-build.ts";
import { layFlat } from "../build/lay-flat.ts";
import type { BuildRequest } from "../build/request.ts";
import type { Kiln } from "../environment/kiln.ts";
import type { TargetFlags } from "./target.ts";
import { type CheckFlags, checksOf } from "./checks.ts";
import {
  type Choice,
  type FailureFlags,
  type RequestFlags,
  afterFailure,
  afterSuccess,
  buildRequest,
} from "./build-request.ts";
import type { HookFlags } from "./hooks.ts";
import { type CacheFlags, withCompilerCache } from "./compiler-cache.ts";
import { identifySources } from "./identify-sources.ts";
import { withKiln } from "./kiln.ts";
import type { LockedFlags } from "./locked.ts";
import { pluginsOf } from "./plugins.ts";
import { type ProofFlags, attestationsOf, requireSigner, signedIfWanted } from "./proof.ts";
import { outcomeText } from "./render/outcome.ts";
import type { Session } from "./session.ts";
import { version } from "./version.ts";

/**
 * Builds the sources that the user named, one after the other, and shows what came of each.
 * @throws Failure of the first that failed.
 */
export async function buildSources(
  session: Session,
  words: readonly string[],
  flags: RequestFlags & FailureFlags & ProofFlags & CheckFlags & CacheFlags,
  choice: Choice,
): Promise<void> {
  const sources = await identifySources(words, flags, session.settings);
  const requests = sources.map((named) => async (kiln: Kiln) => {
    const request = await buildRequest(kiln, session, named, flags, choice);
    return withCompilerCache(request, named, session, flags);
  });
  await withKiln(session, (kiln) => buildEach(kiln, session, requests, flags));
}

/** Builds what a lock names, or the one source that the user named by that lock. @throws Failure as `buildSources`. */
export async function buildLocked(
  session: Session,
  words: readonly string[],
  flags: TargetFlags & FailureFlags & LockedFlags & ProofFlags & CheckFlags & HookFlags,
  lock: string,
): Promise<void> {
  // Loaded only now: most builds have no lock.
  const [{ openLockedInput }, { lockedKiln, lockedRequest, noteLock }] = await Promise.all([
    import("../environment/bundle.ts"),
    import("./locked.ts"),
  ]);
  const input = await openLockedInput(resolve(lock));
  noteLock(session.task, input);
  const { offline = false } = flags;
  await withKiln(session, async (kiln) => {
    const locked = await lockedKiln(kiln, session, input, { offline, flags });
    await buildEach(locked, session, [() => lockedRequest(locked, session, input, words, flags)], flags);
  });
}

async function buildEach(
  kiln: Kiln,
  session: Session,
  requests: readonly ((kiln: Kiln) => Promise<BuildRequest>)[],
  flags: FailureFlags & ProofFlags & CheckFlags,
): Promise<void> {
  const outcomes: BuildOutcome[] = [];
  const failures: Failure[] = [];
  await requireSigner(session, flags);
  const checks = checksOf(session.settings, flags);
  const plugins = await pluginsOf(session.settings);
  for (const prepare of requests) {
    try {
      const request = await prepare(kiln);
      const onFailure = afterFailure(session, flags);
      const onSuccess = afterSuccess(session, flags);
      const { report } = session;
      const attestations = attestationsOf(session, flags);
      const proven = { ...request, onFailure, onSuccess, attestations, checks, plugins };
      const outcome = await build(kiln, proven, { report, version: version() });
      const place = outcomes.push(outcome) - 1;
      // Unsigned results are results too, should signing fail.
      outcomes[place] = await signedIfWanted(kiln, session, outcome, flags);
      const ended = await afterBuild(kiln, request, outcomes[place], report);
      if (session.settings.flat && ended.failure === null)
        outcomes[place] = await layFlat(outcomes[place], kiln.signal);
      const failure = ended.failure ?? ended.unmet;
      if (failure !== null) failures.push(failure);
    } catch (thrown) {
      // A source that cannot be had, or results that cannot be put in place, leave no outcome.
      const failure = asFailure(thrown);
      failures.push(failure);
      if (failures.length > 1) session.task.warn(failure.message, failure.hint);
    }
    if (kiln.signal.aborted) break;
  }
  for (const outcome of outcomes) session.result(outcomeText(outcome), outcome.result);
  const [first] = failures;
  if (first !== undefined) throw first;
}
